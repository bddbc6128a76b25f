# Template-owned: copier update merges your edits.
# shellcheck shell=bash
# Each week: merge the template's newest version into a branch, and propose it.
# In: TEMPLATE_UPDATE_TOKEN, which may push branches and open << 'merge' if cookiecutter.ci == 'gitlab' else 'pull' >> requests.
# A pipeline's own token will not do: what it pushes starts no pipeline, and it may not change one.
# Out: one request for each version; its text says what is left to do, such as conflicts.
set -euo pipefail

# A function is read whole before it runs: the update may change this file.
main() {
    if [[ ! ${TEMPLATE_UPDATE_TOKEN:-} =~ ^[[:alnum:]] ]]; then # without a value Azure hands over $(NAME)
        echo "NOT RUN: TEMPLATE_UPDATE_TOKEN is not set; docs/delivery.md says how" >&2
        exit 3
    fi
    # shellcheck disable=SC2046 # names of variables by which git would work in another repository
    unset $(git rev-parse --local-env-vars | grep -v '^GIT_CONFIG_')
    uv run tox -e update -- apply
    if [ -z "$(git status --porcelain)" ]; then
        exit 0
    fi
    version="$(sed -n 's/^_commit: *//p' .copier-answers.yml | tr -d '"')"
    branch="template-$version"
    title="Update the template to $version"
    text="What is new: the template's changelog."
    remake="uv lock && uv run << cookiecutter.project_slug >> slo render" # by the rules of the newer kit
    removed="$(git diff --name-only --diff-filter=D HEAD | paste -sd ' ')"
    [ -z "$removed" ] || text+=" It removes, with your edits if there are any: $removed."
    conflicts="$(git diff --name-only --diff-filter=U | paste -sd ' ')"
    if [ -n "$conflicts" ]; then
        title+=", with conflicts"
        text+=" Choose between your lines and the template's in: $conflicts. Then run: $remake"
    elif ! bash -c "$remake"; then
        title+=", unfinished"
        text+=" This failed in the pipeline and is left to do: $remake"
    fi

    # shellcheck disable=SC2016 # git's shell asks for the token, so that no list of processes shows it
    as_us=(git -c 'credential.helper=!f() { echo username=oauth2; echo "password=$TEMPLATE_UPDATE_TOKEN"; }; f')
# <% if cookiecutter.ci == 'gitlab' %>
    git remote set-url origin "$CI_PROJECT_URL.git"
# <% endif %>
    pushed="$("${as_us[@]}" ls-remote origin "refs/heads/$branch" | cut -f 1)"
# <% if cookiecutter.ci == 'github' %>
    export GH_TOKEN="$TEMPLATE_UPDATE_TOKEN"
    request="$(gh pr list --head "$branch" --state all --json url --jq '.[].url')"
# <% elif cookiecutter.ci == 'gitlab' %>
    requests="$("${as_us[@]}" ls-remote origin 'refs/merge-requests/*/head')"
    request="$(sed -n "s|^${pushed:-none}\trefs/\(.*\)/head|\1|p" < <(echo "$requests"))"
# <% else %>
    export AZURE_DEVOPS_EXT_PAT="$TEMPLATE_UPDATE_TOKEN"
    request="$(az repos pr list --detect --source-branch "$branch" --status all --query '[].pullRequestId' --output tsv)"
# <% endif %>
    if [ -n "$request" ]; then
        echo "$branch is proposed already: $request"
        exit 0
    fi
    # A failed run may have left this branch here or at the remote, without a request. Overwrite it.
    git add --all # first: git does not switch while files are marked as unmerged
    git switch --quiet --force-create "$branch"
    git -c user.name=template-update -c user.email=template-update@localhost commit --quiet --no-verify --message "$title"
    push=("${as_us[@]}" push "--force-with-lease=refs/heads/$branch:$pushed")
# <% if cookiecutter.ci == 'github' %>
    "${push[@]}" origin "$branch"
    gh pr create --head "$branch" --title "$title" --body "$text"
# <% elif cookiecutter.ci == 'gitlab' %>
    push+=(--push-option merge_request.create --push-option "merge_request.title=$title")
    "${push[@]}" --push-option "merge_request.description=$text" origin "$branch"
# <% else %>
    "${push[@]}" origin "$branch"
    az repos pr create --detect --source-branch "$branch" --title "$title" --description "$text"
# <% endif %>
}

main; exit # one line, for the same reason
