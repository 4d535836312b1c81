# Read when fish starts, so that the first `git ccsync` completes too; what completes it is in git-ccsync.fish.

# git ccsync: some versions of fish's git completion do not ask for the completion of other commands.
function __git_ccsync_from_git
    set -l words (commandline -opc)
    set -l at (contains -i -- ccsync $words); or return
    # What stands between git and ccsync says where to look: -C, --git-dir.
    set -g __git_ccsync_where
    test $at -gt 2; and set __git_ccsync_where (string replace -r '^~(?=/|$)' $HOME -- $words[2..(math $at - 1)])
    set -l rest
    test (count $words) -gt $at; and set rest (string escape -- $words[(math $at + 1)..-1])
    complete -C "git-ccsync $rest "(commandline -ct)
    set -e __git_ccsync_where
end

complete -c git -n __fish_git_needs_command -a ccsync -d 'carry Claude Code sessions between machines'
complete -c git -f -n '__fish_git_using_command ccsync' -a '(__git_ccsync_from_git)'
