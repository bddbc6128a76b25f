# Template-owned: copier update merges your edits.
# shellcheck shell=bash
# Each week: merge the template's newest version into a branch, and propose it.
# In: TEMPLATE_UPDATE_TOKEN, which may push branches and open << 'merge' if cookiecutter.ci == 'gitlab' else 'pull' >> requests.
# A pipeline's own token will not do: what it pushes starts no pipeline, and it may not change one.
set -euo pipefail

if [[ ! ${TEMPLATE_UPDATE_TOKEN:-} =~ ^[[:alnum:]] ]]; then # without a value Azure hands over $(NAME)
    echo "NOT RUN: TEMPLATE_UPDATE_TOKEN is not set; docs/delivery.md says how" >&2
    exit 3
fi
uv run tox -e update -- apply
if [ -z "$(git status --porcelain)" ]; then
    exit 0
fi
uv lock
uv run "<< cookiecutter.project_slug >>" slo render # by the rules of the newer kit
version="$(sed -n 's/^_commit: *//p' .copier-answers.yml | tr -d '"')"
branch="template-$version"
title="Update the template to $version"

# shellcheck disable=SC2016 # git's shell asks for the token, so that no list of processes shows it
as_us=(git -c 'credential.helper=!f() { echo username=oauth2; echo "password=$TEMPLATE_UPDATE_TOKEN"; }; f')
# <% if cookiecutter.ci == 'gitlab' %>
git remote set-url origin "$CI_PROJECT_URL.git"
# <% endif %>
if "${as_us[@]}" ls-remote --exit-code origin "refs/heads/$branch"; then
    echo "$branch is proposed already"
    exit 0
fi
git switch --create "$branch"
git add --all
git -c user.name=template-update -c user.email=template-update@localhost commit --quiet --message "$title"
# <% if cookiecutter.ci == 'github' %>
"${as_us[@]}" push origin "$branch"
GH_TOKEN="$TEMPLATE_UPDATE_TOKEN" gh pr create --head "$branch" --title "$title" --body "What is new: the template's changelog."
# <% elif cookiecutter.ci == 'gitlab' %>
"${as_us[@]}" push --push-option merge_request.create --push-option "merge_request.title=$title" origin "$branch"
# <% else %>
"${as_us[@]}" push origin "$branch"
AZURE_DEVOPS_EXT_PAT="$TEMPLATE_UPDATE_TOKEN" az repos pr create --detect --source-branch "$branch" --title "$title"
# <% endif %>
