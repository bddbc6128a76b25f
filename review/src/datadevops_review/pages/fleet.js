"use strict";
const table = document.getElementById("fleet");
const heads = [...table.tHead.rows[0].cells];
const [text, owner, failing, count] = ["text", "owner", "failing", "count"].map((id) => document.getElementById(id));
const repositories = [...table.tBodies]; // each has two rows: what is always shown, and what fails

function value(repository, column) {
  const cell = repository.rows[0].cells[column];
  return cell.dataset.sort ?? cell.textContent.trim();
}

function compare(a, b) {
  return a !== "" && b !== "" && !isNaN(a) && !isNaN(b) ? a - b : a.localeCompare(b, undefined, { numeric: true });
}

heads.forEach((head, column) => {
  head.querySelector("button").addEventListener("click", () => {
    const order = head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
    heads.forEach((each) => each.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", order);
    const sign = order === "ascending" ? 1 : -1;
    table.append(...repositories.sort((a, b) => sign * compare(value(a, column), value(b, column))));
  });
});

for (const repository of repositories) {
  const button = repository.querySelector("th button");
  button?.addEventListener("click", () => {
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    repository.rows[1].hidden = open;
  });
}

function filter() {
  const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const repository of repositories) {
    const said = repository.textContent.toLowerCase();
    repository.hidden =
      (owner.value && repository.dataset.owner !== owner.value) ||
      (failing.checked && repository.dataset.failing === "0") ||
      !words.every((word) => said.includes(word));
    shown += repository.hidden ? 0 : 1;
  }
  count.textContent = `${shown} of ${repositories.length} shown`;
}

[text, owner, failing].forEach((each) => each.addEventListener("input", filter));
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
filter();
