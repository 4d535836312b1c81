# fish completion for git-ccsync and git ccsync.
# Nothing here starts a process but for values: sessions, machines, remotes, branches and placeholders.

function __git_ccsync_values --argument-names kind
    # With --option=value the token is both; only the value is asked for.
    git $__git_ccsync_where ccsync complete (commandline -opc | string match -- --home) $kind (string replace -r '^--[a-z-]+=' '' -- (commandline -ct)) 2>/dev/null
end

# The words so far, but for --home, which may stand anywhere.
function __git_ccsync_words
    commandline -opc | string match -v -- --home
end

# Whether the verb is one of these.
function __git_ccsync_verb
    set -l words (__git_ccsync_words)
    test (count $words) -gt 1; and contains -- $words[2] $argv
end

# Whether verb and action are one of these, as verb/action; `verb/` while the action is still to come.
function __git_ccsync_action
    set -l words (__git_ccsync_words)
    test (count $words) -gt 1; or return 1
    set -l action
    set -q words[3]; and not string match -q -- '-*' $words[3]; and set action $words[3]
    contains -- "$words[2]/$action" $argv
end

# Whether the first argument of one of these verbs is still to come.
function __git_ccsync_first
    __git_ccsync_verb $argv; or return 1
    set -l words (__git_ccsync_words)
    set -l arguments
    set -l skip 0
    for word in $words[3..-1]
        if test $skip -eq 1
            set skip 0
        else if contains -- $word --session --at --machine
            set skip 1
        else if not string match -q -- '-*' $word
            set -a arguments $word
        end
    end
    test (count $arguments) -eq 0
end

function __git_ccsync_no_verb
    test (count (__git_ccsync_words)) -eq 1
end

complete -c git-ccsync -f
complete -c git-ccsync -s h -d 'show a usage text'
complete -c git-ccsync -l help -d 'open the manual page'
complete -c git-ccsync -n __git_ccsync_no_verb -l version -d 'print the version'

complete -c git-ccsync -k -n __git_ccsync_no_verb -a completion -d 'print the completion script of a shell'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a demo -d 'watch two machines in a temporary directory'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a verify -d 'hold branch, files here and remote against each other'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a doctor -d 'check that everything is in order'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a global -d 'carry CLAUDE.md and plans between machines'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a secrets -d 'show what is not sent, and let a value through'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a gc -d 'pack what pushes have left in small files'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a lease -d 'show and clear who is at work on a session'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a placeholder -d 'give local directories a portable name'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a key -d 'show and change who can read an encrypted branch'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a machine -d 'list, rename or forget machines'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a adopt -d 'take over the sessions of where this repository was'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a rm -d 'take a session off the lists, into the trash'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a purge -d 'take sessions out of the branch for good'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a rename -d 'give a session another title'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a fork -d 'go on with a copy of a session'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a handoff -d 'tell how a session stands, and go on in a new one'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a resume -d 'go on with a session, wherever it was held'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a new -d 'start Claude Code on a session with a name'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a watch -d 'do it whenever something has changed'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a auto -d 'let Claude Code do it by itself'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a log -d 'show what was pushed when, and who worked on what'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a restore -d 'bring a session back from the branch'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a search -d 'find words in all sessions'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a show -d 'show one session in a readable form'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a list -d 'list sessions, here and on the branch'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a tasks -d 'list what was left unfinished anywhere'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a import -d 'install sessions from files'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a export -d 'write sessions to a file'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a status -d 'show what is in step and what is not'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a undo -d 'take back the last pull, push, rm …'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a sync -d 'pull, then push'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a pull -d 'bring and install what is new there'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a push -d 'send what is new here'
complete -c git-ccsync -k -n __git_ccsync_no_verb -a init -d 'choose where the sessions of this repository go'

# where all of them work
complete -c git-ccsync -n 'not __git_ccsync_verb completion demo hook' -l home -d 'sessions outside any repository'

# push, pull, sync
set -l carry '__git_ccsync_verb push pull sync'
complete -c git-ccsync -n $carry -s n -l dry-run -d 'show what would be done, and do nothing'
complete -c git-ccsync -n $carry -l session -x -k -a '(__git_ccsync_values sessions)' -d 'only this one'
complete -c git-ccsync -n $carry -s q -l quiet -d 'say nothing but errors and warnings'
complete -c git-ccsync -n $carry -s v -l verbose -d 'name every session'
complete -c git-ccsync -n $carry -l progress -d 'show progress also where stderr is no terminal'
complete -c git-ccsync -n $carry -l no-progress -d 'never show progress'
complete -c git-ccsync -n '__git_ccsync_first push pull sync' -a '(__git_ccsync_values remotes)'
complete -c git-ccsync -n '__git_ccsync_first pull' -a '(__fish_complete_suffix .bundle | string match -r "^.*(?:\\.bundle|/)(?:\\t.*)?\$")'

# what several verbs have
complete -c git-ccsync -n '__git_ccsync_verb push pull sync status tasks list search resume doctor gc watch' -l all -d 'in every repository known to this machine'
complete -c git-ccsync -n '__git_ccsync_verb push pull sync status tasks list' -l porcelain -d 'print records for programs'
complete -c git-ccsync -n '__git_ccsync_verb push pull sync status tasks list' -s z -d 'end records with NUL, implies --porcelain'
complete -c git-ccsync -n '__git_ccsync_verb push pull sync status tasks list show search log handoff adopt doctor verify gc' -l json -d 'print JSON'
complete -c git-ccsync -n '__git_ccsync_action machine/ machine/list key/ key/show placeholder/ placeholder/list lease/ lease/list secrets/ secrets/list secrets/scan global/ global/list auto/ auto/status' -l json -d 'print JSON'

# status
complete -c git-ccsync -n '__git_ccsync_verb status' -l fetch -d 'ask the remote first'
complete -c git-ccsync -n '__git_ccsync_verb status' -l exit-code -d 'exit with 1 if not everything is in step'

# tasks
complete -c git-ccsync -n '__git_ccsync_verb tasks' -l done -x -k -a '(__git_ccsync_values sessions)' -d 'take this one off, by number or name'
complete -c git-ccsync -n '__git_ccsync_verb tasks' -l machine -x -a '(__git_ccsync_values machines)' -d 'only what was left on this machine'
complete -c git-ccsync -n '__git_ccsync_verb tasks' -l fetch -d 'ask the remote first'
complete -c git-ccsync -n '__git_ccsync_verb tasks' -l no-fetch -d 'do not ask the remote'

# handoff
complete -c git-ccsync -n '__git_ccsync_verb handoff' -l write -d 'make it anew and push it'
complete -c git-ccsync -n '__git_ccsync_verb handoff' -l force -d 'the same, also if the last one is recent'
complete -c git-ccsync -n '__git_ccsync_verb handoff' -l run -d 'start Claude Code on a new session with its prompt'

# list
complete -c git-ccsync -n '__git_ccsync_verb list' -l not-here -d 'only those that are not on this disk'
complete -c git-ccsync -n '__git_ccsync_verb list' -l conflicts -d 'only conflict copies and what they were copied from'
complete -c git-ccsync -n '__git_ccsync_verb list' -l open -d 'only those that some machine has open'
complete -c git-ccsync -n '__git_ccsync_verb list' -l removed -d 'only those removed here, and those that rm took off'
complete -c git-ccsync -n '__git_ccsync_verb list' -l machine -x -a '(__git_ccsync_values machines)' -d 'only those that this machine wrote last'
complete -c git-ccsync -n '__git_ccsync_verb list' -l since -x -d 'only those used since (YYYY-MM-DD)'
complete -c git-ccsync -n '__git_ccsync_verb list' -l branches -d 'the branches as they were fetched last'

complete -c git-ccsync -n '__git_ccsync_verb list pull show log' -l branch -x -a '(__git_ccsync_values others)' -d 'the branch of somebody else'

# init
complete -c git-ccsync -n '__git_ccsync_verb init' -l remote -r -F -a '(__git_ccsync_values remotes)' -d 'where sessions go'
complete -c git-ccsync -n '__git_ccsync_verb init' -l branch -x -a '(__git_ccsync_values branches)' -d 'the branch that holds your sessions'
complete -c git-ccsync -n '__git_ccsync_verb init' -l machine -x -d 'the name of this machine'
complete -c git-ccsync -n '__git_ccsync_verb init' -l since -x -d 'do not send sessions last used before (YYYY-MM-DD)'
complete -c git-ccsync -n '__git_ccsync_verb init' -l allow-public -x -d 'push there although everyone can read it'
complete -c git-ccsync -n '__git_ccsync_verb init' -l encrypt -d 'only machines that you let in can read it'
complete -c git-ccsync -n '__git_ccsync_verb init' -l global -d 'for every repository without a choice of its own'
complete -c git-ccsync -n '__git_ccsync_verb init' -l all -d 'every repository in which Claude has sessions'
complete -c git-ccsync -n '__git_ccsync_verb init' -s y -l yes -d 'agree to what would be asked'

# search
complete -c git-ccsync -n '__git_ccsync_verb search' -l regex -d 'each word is a regular expression'
complete -c git-ccsync -n '__git_ccsync_verb search' -s i -l ignore-case -d 'case never counts'
complete -c git-ccsync -n '__git_ccsync_verb search' -s s -l case-sensitive -d 'case counts, also without a capital'
complete -c git-ccsync -n '__git_ccsync_verb search' -l role -x -a 'user assistant tool' -d 'only what this side said'
complete -c git-ccsync -n '__git_ccsync_verb search' -l machine -x -a '(__git_ccsync_values machines)' -d 'only sessions that this machine wrote last'
complete -c git-ccsync -n '__git_ccsync_verb search' -l since -x -d 'only sessions used since (YYYY-MM-DD)'
complete -c git-ccsync -n '__git_ccsync_verb search' -s n -l max-count -x -d 'at most so many matches of a session'

# adopt
complete -c git-ccsync -n '__git_ccsync_verb adopt' -s n -l dry-run -d 'show what would be done, and do nothing'
complete -c git-ccsync -n '__git_ccsync_verb adopt' -s y -l yes -d 'also where nothing says that they belong here'
complete -c git-ccsync -n '__git_ccsync_first adopt' -x -a '(__fish_complete_directories)'

# verify
complete -c git-ccsync -n '__git_ccsync_verb verify' -l fetch -d 'ask the remote first'
complete -c git-ccsync -n '__git_ccsync_verb verify' -l repair -d 'make mended copies of broken transcripts'
complete -c git-ccsync -k -n '__git_ccsync_verb verify' -a '(__git_ccsync_values sessions)'

# log
complete -c git-ccsync -n '__git_ccsync_verb log' -s n -l max-count -x -d 'at most so many'
complete -c git-ccsync -n '__git_ccsync_verb log' -l machine -x -a '(__git_ccsync_values machines)' -d 'only what this machine pushed'
complete -c git-ccsync -n '__git_ccsync_verb log' -l since -x -d 'only what was pushed since (YYYY-MM-DD)'
complete -c git-ccsync -k -n '__git_ccsync_first log' -F -a '(__git_ccsync_values sessions)'

# restore, show
complete -c git-ccsync -n '__git_ccsync_verb restore' -l at -x -d 'as it was in this commit'
complete -c git-ccsync -n '__git_ccsync_verb show' -l raw -d 'the lines as they are'
complete -c git-ccsync -n '__git_ccsync_verb show' -l diff -d 'what a conflict copy and its original do not share'
complete -c git-ccsync -k -n '__git_ccsync_first resume handoff show fork rename' -a '(__git_ccsync_values sessions)'
complete -c git-ccsync -k -n '__git_ccsync_first restore' -a '(__git_ccsync_values restorable)'

# undo
complete -c git-ccsync -n '__git_ccsync_verb undo' -s n -l dry-run -d 'show what would be done, and do nothing'
complete -c git-ccsync -n '__git_ccsync_verb undo' -l json -d 'print JSON'

# rm
complete -c git-ccsync -n '__git_ccsync_verb rm' -s n -l dry-run -d 'show what would be done, and do nothing'
complete -c git-ccsync -n '__git_ccsync_verb rm' -l no-push -d 'tell the other machines with the next push'
complete -c git-ccsync -n '__git_ccsync_verb rm' -l json -d 'print JSON'
complete -c git-ccsync -k -n '__git_ccsync_verb rm' -a '(__git_ccsync_values sessions)'

# purge
complete -c git-ccsync -n '__git_ccsync_verb purge' -l all -d 'every session, and memory and prompts'
complete -c git-ccsync -n '__git_ccsync_verb purge' -l before -x -d 'sessions last used before this day'
complete -c git-ccsync -n '__git_ccsync_verb purge' -l secrets -d 'what would not be sent today, out of its lines'
complete -c git-ccsync -n '__git_ccsync_verb purge' -l follow -d 'drop here what was purged elsewhere'
complete -c git-ccsync -n '__git_ccsync_verb purge' -l only -d 'leave the copies and forks'
complete -c git-ccsync -n '__git_ccsync_verb purge' -l local -d 'also move its files here into the trash'
complete -c git-ccsync -n '__git_ccsync_verb purge' -s y -l yes -d 'ask nothing'
complete -c git-ccsync -n '__git_ccsync_verb purge' -s n -l dry-run -d 'show what would be done, and do nothing'
complete -c git-ccsync -n '__git_ccsync_verb purge' -l json -d 'print JSON'
complete -c git-ccsync -k -n '__git_ccsync_verb purge' -a '(__git_ccsync_values sessions)'

# export, import
complete -c git-ccsync -n '__git_ccsync_verb export' -s o -l output -r -F -d 'where to'
complete -c git-ccsync -n '__git_ccsync_verb export' -l to -r -F -d 'encrypted to this public key'
complete -c git-ccsync -n '__git_ccsync_verb export' -l bundle -d 'the whole branch, as a git bundle'
complete -c git-ccsync -n '__git_ccsync_verb export' -l no-redact -d 'leave secrets as they are'
complete -c git-ccsync -k -n '__git_ccsync_verb export' -a '(__git_ccsync_values sessions)'
complete -c git-ccsync -n '__git_ccsync_verb import' -l identity -r -F -d 'open encrypted ones with the private key in it'
complete -c git-ccsync -n '__git_ccsync_verb import' -l directory -x -a '(__fish_complete_directories)' -d 'for this one instead of where they were held'
complete -c git-ccsync -n '__git_ccsync_verb import' -l overwrite -d 'replace what differs here'
complete -c git-ccsync -n '__git_ccsync_verb import' -F

# resume, new, fork
complete -c git-ccsync -n '__git_ccsync_verb resume' -l latest -d 'the session that was used last'
complete -c git-ccsync -n '__git_ccsync_verb resume' -l machine -x -a '(__git_ccsync_values machines)' -d 'only sessions that this machine wrote last'
complete -c git-ccsync -n '__git_ccsync_verb resume' -l fork -d 'go on with a copy'
complete -c git-ccsync -n '__git_ccsync_verb resume' -l take-over -d 'also if another machine has it open'
complete -c git-ccsync -n '__git_ccsync_verb resume' -l no-push -d 'take no lease, and do not push when it has ended'
complete -c git-ccsync -n '__git_ccsync_verb new' -l no-push -d 'do not push when it has ended'
complete -c git-ccsync -n '__git_ccsync_verb fork' -l latest -d 'of the session that was used last'

# watch
complete -c git-ccsync -n '__git_ccsync_verb watch' -l interval -x -d 'seconds between two pulls'
complete -c git-ccsync -n '__git_ccsync_verb watch' -l push-only -d 'never pull'
complete -c git-ccsync -n '__git_ccsync_verb watch' -l stop -d 'end the one that runs on this machine'
complete -c git-ccsync -n '__git_ccsync_verb watch' -l install -d 'let it start when you log in'
complete -c git-ccsync -n '__git_ccsync_verb watch' -l uninstall -d 'do that no more'

# auto
complete -c git-ccsync -n '__git_ccsync_action auto/' -a on -d 'install the hooks'
complete -c git-ccsync -n '__git_ccsync_action auto/' -a off -d 'take them away'
complete -c git-ccsync -n '__git_ccsync_action auto/' -a status -d 'show how they do'
complete -c git-ccsync -n '__git_ccsync_action auto/on auto/off' -l user -d 'in your settings, for all repositories'
complete -c git-ccsync -n '__git_ccsync_action auto/on auto/off' -l project -d 'in the settings of this project on this machine'
complete -c git-ccsync -n '__git_ccsync_action auto/on' -l command -d 'install the slash command /ccsync, too'
complete -c git-ccsync -n '__git_ccsync_action auto/on' -l no-command -d 'do not ask about the slash command'

# machine
complete -c git-ccsync -n '__git_ccsync_action machine/' -a list -d 'list the machines'
complete -c git-ccsync -n '__git_ccsync_action machine/' -a rename -d 'give this machine another name'
complete -c git-ccsync -n '__git_ccsync_action machine/' -a forget -d 'take a machine off the list'
complete -c git-ccsync -n '__git_ccsync_action machine/forget' -a '(__git_ccsync_values machines)'

# key
complete -c git-ccsync -n '__git_ccsync_action key/' -a show -d 'show who can read the branch'
complete -c git-ccsync -n '__git_ccsync_action key/' -a add -d 'let the owner of a public key in'
complete -c git-ccsync -n '__git_ccsync_action key/' -a approve -d 'let a machine in that asks'
complete -c git-ccsync -n '__git_ccsync_action key/' -a remove -d 'shut a machine or key out'
complete -c git-ccsync -n '__git_ccsync_action key/' -a rotate -d 'begin to encrypt with a new key'
complete -c git-ccsync -n '__git_ccsync_action key/' -a recover -d 'read by the recovery code'
complete -c git-ccsync -n '__git_ccsync_action key/add' -F
complete -c git-ccsync -n '__git_ccsync_action key/add' -l name -x -d 'what to call the owner'
complete -c git-ccsync -n '__git_ccsync_action key/approve' -l fingerprint -x -d 'the words that it must have'
complete -c git-ccsync -n '__git_ccsync_action key/approve key/rotate' -s y -l yes -d 'ask nothing'
complete -c git-ccsync -n '__git_ccsync_action key/rotate' -l rewrite -d 'encrypt what is there anew, and drop the history'
complete -c git-ccsync -n '__git_ccsync_action key/recover' -l new -d 'make a new code instead'

# lease
complete -c git-ccsync -n '__git_ccsync_action lease/' -a list -d 'list the leases'
complete -c git-ccsync -n '__git_ccsync_action lease/' -a release -d 'give back those of this machine'
complete -c git-ccsync -n '__git_ccsync_action lease/' -a prune -d 'take void ones away'
complete -c git-ccsync -k -n '__git_ccsync_action lease/release lease/prune' -a '(__git_ccsync_values sessions)'

# global
complete -c git-ccsync -n '__git_ccsync_action global/' -a list -d 'list what waits to be taken'
complete -c git-ccsync -n '__git_ccsync_action global/' -a diff -d 'show what apply would change'
complete -c git-ccsync -n '__git_ccsync_action global/' -a apply -d 'write here what others changed'
complete -c git-ccsync -n '__git_ccsync_action global/' -a keep -d 'let what lies here stand'
complete -c git-ccsync -n '__git_ccsync_action global/' -a on -d 'carry them from now on'
complete -c git-ccsync -n '__git_ccsync_action global/' -a off -d 'carry them no more'

# secrets
complete -c git-ccsync -n '__git_ccsync_action secrets/' -a list -d 'list what was redacted'
complete -c git-ccsync -n '__git_ccsync_action secrets/' -a scan -d 'look for secrets on this disk'
complete -c git-ccsync -n '__git_ccsync_action secrets/' -a allow -d 'let values through'
complete -c git-ccsync -n '__git_ccsync_action secrets/scan' -l all-lines -d 'also in what is on the branch already'
complete -c git-ccsync -n '__git_ccsync_action secrets/allow' -l remove -d 'send them no more'
complete -c git-ccsync -k -n '__git_ccsync_action secrets/scan' -a '(__git_ccsync_values sessions)'

# placeholder
complete -c git-ccsync -n '__git_ccsync_action placeholder/' -a list -d 'list names and paths'
complete -c git-ccsync -n '__git_ccsync_action placeholder/' -a add -d 'give a directory a name'
complete -c git-ccsync -n '__git_ccsync_action placeholder/' -a rm -d 'take a name away'
complete -c git-ccsync -n '__git_ccsync_action placeholder/rm' -a '(__git_ccsync_values placeholders)'
complete -c git-ccsync -n '__git_ccsync_action placeholder/add placeholder/rm' -l machine -x -a '(__git_ccsync_values machines)' -d 'propose it to another machine'

# doctor, demo, completion
complete -c git-ccsync -n '__git_ccsync_verb doctor' -l fix -d 'mend what is ours'
complete -c git-ccsync -n '__git_ccsync_verb demo' -l keep -d 'leave the directory to look at'
complete -c git-ccsync -n '__git_ccsync_verb completion' -l aliases -d 'short functions instead'
complete -c git-ccsync -n '__git_ccsync_first completion' -a 'bash zsh fish'

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
