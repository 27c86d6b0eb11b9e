#!/bin/bash
#
# Supervises one PostgreSQL by the contract of docs/control-directory.md: starts it, stops it, promotes it,
# and, above all, stops a primary whose lease has ended.
#
# Settings, by environment:
#   MATRIARCH_CONTROL        the control directory (created with mode 0700 if absent)
#   PGDATA                   the data directory (may be absent: then nothing is started)
#   MATRIARCH_PGBIN          directory of PostgreSQL's programs (default: where `postgres` is)
#   MATRIARCH_POLL_MILLIS    how often to look without being rung (default 250)
#   MATRIARCH_STOP_SECONDS   at its own end: how long a fast stop may take before an immediate one (default 30)
#
# Exit status: 0 after SIGTERM or SIGINT, 1 after a fence as PID 1, 73 a file cannot be made, 75 another supervisor
# is at work, 77 run as root, 78 a setting is wrong.
#
# Two rules shape the code. The loop forks nothing while nothing happens, waits for nobody, and fences without a
# fork: a machine in trouble must still fence. And it is level-triggered: every round looks at the files and
# processes anew and does what they call for, so being killed between any two lines is nothing special.

set -u
shopt -s nullglob
umask 0077

# Bytes, not characters, for checksums and lengths; the programs started get back what was there before.
readonly INHERITED_LC_ALL=${LC_ALL-}
LC_ALL=C

readonly FENCE_PATIENCE_CENTIS=40 # from SIGQUIT to SIGKILL for all; the lease reckons with 0.5 s
readonly STOP_PATIENCE_CENTIS=1000 # the same for an ordinary immediate stop: PostgreSQL itself takes 5 s
readonly JOB_PATIENCE_CENTIS=500   # from SIGTERM to SIGKILL for a job
readonly CLOCK_JUMP_CENTIS=100
readonly FIRST_PAUSE_CENTIS=20 LONGEST_PAUSE_CENTIS=500
readonly JOB_PROGRAMS=' initdb pg_rewind pg_basebackup pg_controldata pg_amcheck '
readonly JOB_PROGRAMS_BESIDE=' pg_controldata pg_amcheck ' # those that may run beside a postmaster
readonly LOST_JOB='the job was lost: it was killed, or its container was'
readonly LOG_BACKLOG=100 # lines of at most 512 bytes: less than a pipe holds
readonly FNV_OFFSET=2166136261 FNV_PRIME=16777619

# ---- What is known. Times are centiseconds of the boot clock. ----

now=0
clock_offset='' # wall clock minus boot clock
leaving=0       # when SIGTERM came

lease_text='' lease_role=standby lease_deadline=0 lease_epoch=0
desired_text='' desired_sequence=0 desired_state='' desired_stop_mode=fast

# What `actual` says.
sequence=0 state=stopped since=0 mode=- postmaster=0 lock=free exit_status=- cause=- epoch=0
report_text='' # of the last write, without its heartbeat
mute=0         # whether the last write failed

postmaster_born=0 # its start time, so that a reused pid is not taken for it
stop_cause=''     # why the stop under way was begun; empty if nobody asked for it
immediate_since=0 # when SIGQUIT was first sent
promoting=0       # when a promotion was last passed on
blank_trigger=0   # an empty trigger file was seen: perhaps its epoch is just being written
held_sequence=-1  # after a crash or a fence: the `desired` that must be surpassed before a start
next_start=0 start_pause=$FIRST_PAUSE_CENTIS

job='' job_witness=0 job_born=0 job_locks=0 job_stop_since=0

declare -A record=()                   # the words of the record read last
declare -A known_head=() known_hash=() # checksums of those parts of records that rarely change
log='' logger=0 log_behind=0 # a pipe to the process that writes to standard error
speech=''                   # standard error
data_claim='' control_claim=''

main() {
    settle
    recall
    while :; do
        read_clock
        look_at_lease
        look_at_desired
        look_at_postmaster
        look_at_job
        act
        report
        rest
    done
}

# ---- Setting up ----

settle() {
    ((BASH_VERSINFO[0] >= 5)) || refuse 78 "bash is too old: $BASH_VERSION (expected: 5.0 or newer)"
    ((EUID != 0)) || refuse 77 "the supervisor runs as root (expected: the owner of the data directory," \
        "for PostgreSQL refuses root; set the user of the container or service)"
    CONTROL=${MATRIARCH_CONTROL-}
    [[ $CONTROL == /* ]] || refuse 78 "MATRIARCH_CONTROL: '$CONTROL' (expected: an absolute path)"
    DATA=${PGDATA-}
    while [[ $DATA == */ ]]; do DATA=${DATA%/}; done
    [[ $DATA == /* ]] || refuse 78 "PGDATA: '${PGDATA-}' (expected: an absolute path)"
    POLL_MILLIS=${MATRIARCH_POLL_MILLIS-250}
    check_number MATRIARCH_POLL_MILLIS "$POLL_MILLIS" 10 5000
    STOP_SECONDS=${MATRIARCH_STOP_SECONDS-30}
    check_number MATRIARCH_STOP_SECONDS "$STOP_SECONDS" 0 86400
    find_programs
    LOCK=$DATA.lock
    read -r BOOT_ID </proc/sys/kernel/random/boot_id
    readonly CONTROL DATA POLL_MILLIS STOP_SECONDS PROGRAMS LOCK BOOT_ID

    # By the umask of this script nobody else may look into them.
    [[ -d $CONTROL/jobs ]] || mkdir -p "$CONTROL/jobs" || refuse 73 "cannot create $CONTROL"
    make_bell "$CONTROL/bell.supervisor"
    make_bell "$CONTROL/bell.sidecar"
    exec {bell}<>"$CONTROL/bell.supervisor"
    claim data_claim "$LOCK.supervisor" "the data directory $DATA"
    claim control_claim "$CONTROL/supervisor.lock" "the control directory $CONTROL"
    exec {lock_file}<>"$LOCK" || refuse 73 "cannot create $LOCK"

    # A handler only rings: what is to be done is seen in the next round.
    trap 'leave' TERM INT
    trap ':' HUP
    # Whoever reads our messages may go away; that must not end us.
    trap '' PIPE
    # Bash itself speaks, too, of a killed child for one, and must not be stuck in doing so.
    exec {speech}>&2 2>/dev/null
    begin_logging
    trap 'say ERROR "supervisor failed" command "$BASH_COMMAND"' EXIT
}

refuse() {
    local status=$1
    shift
    say ERROR 'supervisor refused' reason "$*"
    exit "$status"
}

check_number() {
    if ! [[ $2 =~ ^(0|[1-9][0-9]{0,8})$ ]] || (($2 < $3 || $2 > $4)); then
        refuse 78 "$1: '$2' (expected: a whole number from $3 to $4)"
    fi
}

find_programs() {
    local found newest=0
    PROGRAMS=${MATRIARCH_PGBIN-}
    if [[ -z $PROGRAMS ]] && found=$(type -P postgres); then
        PROGRAMS=${found%/*}
    fi
    if [[ -z $PROGRAMS ]]; then
        for found in /usr/lib/postgresql/*/bin; do
            found=${found%/bin}
            found=${found##*/}
            [[ $found =~ ^[0-9]+$ ]] && ((found > newest)) && newest=$found
        done
        PROGRAMS=/usr/lib/postgresql/$newest/bin
    fi
    [[ -x $PROGRAMS/postgres ]] ||
        refuse 78 "no PostgreSQL in '$PROGRAMS' (expected: MATRIARCH_PGBIN names the directory of its programs)"
}

make_bell() {
    [[ -p $1 ]] || mkfifo -m 0600 "$1" 2>/dev/null || [[ -p $1 ]] || refuse 73 "cannot make the FIFO $1"
}

# Holds a lock for as long as this process lives; its children must not inherit it (drop_descriptors). The patience
# is for a child of a killed predecessor that is just about to drop it.
claim() {
    local descriptor
    exec {descriptor}<>"$2" || refuse 73 "cannot create $2 (expected: its directory exists and belongs to this user)"
    printf -v "$1" %d "$descriptor"
    flock -w 2 "$descriptor" || refuse 75 "another supervisor is at work on $3 (expected: only one)"
}

drop_descriptors() {
    exec {bell}>&- {data_claim}>&- {control_claim}>&- {lock_file}>&-
    exec {speech}>&-
    [[ -z $log ]] || exec {log}>&-
}

# Postgres is not ours to start again only because we are: what the last supervisor left is taken over.
recall() {
    local last_state=stopped last_mode=- last_pid=0
    read_clock
    since=$now
    if read_record "$CONTROL/actual" heartbeat; then
        is_number "${record[sequence]-}" && sequence=${record[sequence]}
        is_number "${record[epoch]-}" && epoch=${record[epoch]}
        to_centis "${record[since]-}" && since=$REPLY
        cause=${record[cause]--} exit_status=${record[exit]--}
        last_state=${record[state]-} last_mode=${record[mode]-} last_pid=${record[pid]-}
    fi
    # Deadlines of another boot, or perhaps of another, mean nothing on this clock: such a lease counts only once
    # it has been written again.
    if [[ ${record[boot]-} != "$BOOT_ID" ]]; then
        look_at_lease
        lease_deadline=0
    fi
    recall_job
    if find_postmaster; then
        adopt "$REPLY" "$last_pid" "$last_mode"
    elif [[ $last_state != stopped ]] || ! { ((job_locks)) || lock_is_free; }; then
        # It is gone, perhaps leaving orphans, or there are those of a job: the loop buries them.
        [[ $last_state == running || $cause == crashed ]] || stop_cause=$cause
        lock=held
        become stopping
    elif [[ $cause == crashed || $cause == fenced ]]; then
        held_sequence=$sequence
    fi
    say INFO 'supervisor started' pid $$ dataDirectory "$DATA" state "$state" postmaster "$postmaster"
}

# Answers with the pid of a postmaster that holds the lock. One that was just being started when our predecessor was
# killed needs a moment to become visible.
find_postmaster() {
    local pid='' tries
    for tries in 1 2 3 4 5; do
        ((tries > 1)) && pause 100
        if read_record "$CONTROL/postmaster" pid && holds_lock "${record[pid]-}"; then
            REPLY=${record[pid]}
            return 0
        fi
        if ((job_locks)) || lock_is_free; then
            return 1
        fi
        { read -r pid <"$DATA/postmaster.pid"; } 2>/dev/null
        if holds_lock "$pid"; then
            REPLY=$pid
            return 0
        fi
    done
    return 1
}

adopt() {
    postmaster=$1 lock=held mode=standby state=running
    start_time "$postmaster" && postmaster_born=$REPLY
    # What is known to be a primary needs no look at the data volume, which may hang.
    if [[ $1 == "$2" && $3 == primary ]] || [[ ! -e $DATA/standby.signal ]]; then
        mode=primary
    fi
    # A stop that was under way is called for again by the next round.
    [[ $1 == "$2" ]] || since=$now
}

# ---- Looking ----

read_clock() {
    local uptime again wall offset jump tries
    for tries in 1 2 3 4 5; do
        again=''
        wall=$EPOCHREALTIME
        { read -r uptime _ </proc/uptime && wall=$EPOCHREALTIME && read -r again _ </proc/uptime; } 2>/dev/null
        if [[ -z $again ]]; then
            # Out of file descriptors, for one: time must not stand still for that.
            now=$((10#${wall/./} / 10000 - clock_offset))
            return
        fi
        now=$((10#${uptime/./}))
        # Only clocks read without an interruption say anything about a jump.
        ((10#${again/./} - now <= 5)) && break
        ((tries == 5)) && return
    done
    offset=$((10#${wall/./} / 10000 - now))
    jump=$((offset - ${clock_offset:-$offset}))
    clock_offset=$offset
    if ((jump > CLOCK_JUMP_CENTIS || jump < -CLOCK_JUMP_CENTIS)); then
        # A machine that was stopped altogether looks like this: another primary may have been made meanwhile.
        lease_deadline=0
        say WARN 'wall clock jumped against boot clock, lease void' centis "$jump"
    fi
}

look_at_lease() {
    local text
    read_text "$CONTROL/lease" || return
    [[ $REPLY == "$lease_text" ]] && return
    text=$REPLY
    lease_text=$text
    if ! parse_record "$text" deadline || ! is_lease; then
        say WARN 'lease is damaged, keeping the last' deadline "$lease_deadline"
    elif ((record[epoch] < epoch)); then
        say WARN 'lease ignored, its epoch goes backwards' epoch "${record[epoch]}" highest "$epoch"
    else
        if [[ ${record[role]} != "$lease_role" || ${record[epoch]} != "$lease_epoch" ]]; then
            say INFO 'lease received' epoch "${record[epoch]}" role "${record[role]}" deadline "${record[deadline]}"
        fi
        to_centis "${record[deadline]}"
        lease_deadline=$REPLY lease_role=${record[role]} lease_epoch=${record[epoch]} epoch=${record[epoch]}
    fi
}

is_lease() {
    [[ ${record[format]-} == 1 ]] && is_number "${record[epoch]-}" && to_centis "${record[deadline]-}" &&
        [[ ${record[role]-} == primary || ${record[role]-} == standby ]]
}

permits_primary() {
    [[ $lease_role == primary ]] && ((lease_deadline > now && lease_epoch >= epoch))
}

# The lease may have been written, or taken back, since this round looked at it.
permits_primary_now() {
    look_at_lease
    read_clock
    permits_primary
}

look_at_desired() {
    read_text "$CONTROL/desired" || return
    [[ $REPLY == "$desired_text" ]] && return
    desired_text=$REPLY
    if parse_record "$desired_text" sequence && is_desired; then
        desired_sequence=${record[sequence]} desired_state=${record[state]}
        desired_stop_mode=${record[stop_mode]-fast}
        say INFO 'desired state read' sequence "$desired_sequence" state "$desired_state" mode "$desired_stop_mode"
    else
        say WARN 'desired state is damaged, keeping the last' sequence "$desired_sequence"
    fi
}

is_desired() {
    [[ ${record[format]-} == 1 ]] && is_number "${record[sequence]-}" &&
        [[ ${record[state]-} == running || ${record[state]-} == stopped ]] &&
        [[ ${record[stop_mode]-fast} == fast || ${record[stop_mode]-fast} == immediate ]]
}

look_at_postmaster() {
    [[ $state == stopped ]] && return
    if ((postmaster)) && is_alive "$postmaster" "$postmaster_born"; then
        # Never again once it is a primary: the data volume may hang, and the deadline must not wait for it.
        if [[ $mode == standby && ! -e $DATA/standby.signal ]]; then
            mode=primary
            say INFO 'recovery ended' pid "$postmaster"
        fi
        return
    fi
    postmaster=0 mode=-
    if [[ $state == running ]]; then
        cause=crashed
        become stopping
    fi
    if ! ((job_locks)); then
        # Its orphans would go on committing: they are killed, and children of archive_command with them. To look for
        # them takes long, and in most cases there are none.
        lock_is_free || { kill_lock_holders; return; }
    fi
    lay_to_rest
}

lay_to_rest() {
    local was_up
    read_exit_status
    was_up=$REPLY
    if [[ -n $stop_cause ]]; then
        cause=$stop_cause
    elif [[ $was_up == none ]]; then
        cause=failed
    elif [[ $was_up == 0 && $exit_status =~ ^[0-9]+$ ]] && ((exit_status > 0 && exit_status < 128)); then
        cause=failed
    else
        cause=crashed
    fi
    [[ $was_up == 1 ]] && start_pause=$FIRST_PAUSE_CENTIS
    if [[ $cause == failed ]]; then
        slow_down
    elif [[ $cause == crashed || $cause == fenced ]]; then
        # What was written before this end became known is no answer to it.
        ((desired_sequence > sequence)) && sequence=$desired_sequence
        held_sequence=$sequence
    fi
    lock=free stop_cause='' immediate_since=0 promoting=0
    become stopped
    say INFO 'postmaster stopped' cause "$cause" exit "$exit_status"
}

# The witness learns of the death in the moment in which the lock becomes free; a little patience makes its note
# exact. Answers whether the postmaster had been up, as far as is known.
read_exit_status() {
    local tries
    exit_status=-
    for tries in 1 2 3 4 5 6 7 8 9 10; do
        read_record "$CONTROL/postmaster" pid || break
        exit_status=${record[exit]--}
        [[ $exit_status == - ]] || break
        is_alive "${record[witness]-0}" "${record[born]-0}" || break
        ((tries < 10)) && pause 10
    done
    REPLY=${record[up]--}
}

slow_down() {
    next_start=$((now + start_pause))
    start_pause=$((start_pause * 2 > LONGEST_PAUSE_CENTIS ? LONGEST_PAUSE_CENTIS : start_pause * 2))
}

# ---- Acting ----

act() {
    if ((postmaster)); then
        act_on_postmaster
    elif [[ $state == stopped ]]; then
        act_without_postmaster
    fi
    ((job_witness)) && end_job_if_asked
}

act_on_postmaster() {
    if [[ $stop_cause == fenced ]] || must_fence; then
        fence
        return
    elif ((leaving)); then
        if ((now - leaving >= STOP_SECONDS * 100)); then stop immediate; else stop fast; fi
    elif [[ $desired_state == stopped ]]; then
        sequence=$desired_sequence
        stop "$desired_stop_mode"
    elif [[ $state == stopping ]]; then
        stop fast
    else
        [[ $desired_state == running ]] && sequence=$desired_sequence
        obey_trigger
    fi
    begin_job
}

act_without_postmaster() {
    begin_job
    if ((leaving)); then
        ((job_witness)) || depart
    elif [[ $desired_state == stopped ]]; then
        sequence=$desired_sequence
    elif [[ $desired_state == running ]] && ((desired_sequence > held_sequence && now >= next_start)); then
        ((job_locks)) || start
    fi
}

become() {
    state=$1 since=$now
}

# ---- The dead man's switch ----

# Once told to promote itself a standby counts as a primary, whatever can be seen of it.
must_fence() {
    [[ $mode == primary || $promoting != 0 ]] && ! permits_primary
}

# The signal is repeated in every round, for a postmaster may have been too young to hear it. It is never killed alone.
fence() {
    kill -QUIT "$postmaster" 2>/dev/null
    if [[ $stop_cause != fenced ]]; then
        stop_cause=fenced cause=fenced immediate_since=$now
        [[ $state == stopping ]] || become stopping
        say ERROR 'fenced, no valid lease for a primary' pid "$postmaster" role "$lease_role" epoch "$epoch" \
            deadlineCentis "$lease_deadline" nowCentis "$now"
    elif ((now - immediate_since >= FENCE_PATIENCE_CENTIS)); then
        # The kernel ends whatever is left in a container when its first process exits.
        (($$ == 1)) && trap - EXIT && exit 1
        kill_lock_holders
    fi
}

# ---- Stopping ----

stop() {
    if [[ $1 == immediate ]] || ((immediate_since)); then
        kill -QUIT "$postmaster" 2>/dev/null
        if ((immediate_since == 0)); then
            immediate_since=$now
        elif ((now - immediate_since >= STOP_PATIENCE_CENTIS)); then
            kill_lock_holders
        fi
    else
        kill -INT "$postmaster" 2>/dev/null
    fi
    if [[ -z $stop_cause ]]; then
        stop_cause=desired cause=desired
        [[ $state == stopping ]] || become stopping
        say INFO 'stopping postmaster' mode "$1" pid "$postmaster"
    fi
}

# Every process that inherited descriptor 9, whatever it is. True if there was any.
kill_lock_holders() {
    local process holders=()
    for process in /proc/[0-9]*; do
        [[ $process/fd/9 -ef /proc/$$/fd/$lock_file ]] && holders+=("${process#/proc/}")
    done
    ((${#holders[@]})) || return 1
    kill -KILL "${holders[@]}" 2>/dev/null
    return 0
}

holds_lock() {
    is_number "$1" && [[ /proc/$1/fd/9 -ef /proc/$$/fd/$lock_file ]]
}

# Holders may also live in another container, where only the lock itself tells of them.
lock_is_free() {
    flock -n "$lock_file" && flock -u "$lock_file"
}

# ---- The end of the supervisor ----

leave() {
    ((leaving)) || leaving=$now
    ring "$CONTROL/bell.supervisor"
}

depart() {
    local tries
    report
    say INFO 'supervisor ended' state "$state"
    # As the first process of a container it would take its last words with it.
    for ((tries = 0; tries < 20; tries++)); do
        read -r -t 0 -u "$log" || break
        pause 10
    done
    trap - EXIT
    exit 0
}

# ---- Starting ----

start() {
    local major=''
    { read -r major <"$DATA/PG_VERSION"; } 2>/dev/null
    [[ $major =~ ^[0-9]{1,3}$ ]] || return
    take_lock || return
    sequence=$desired_sequence exit_status=-
    if ! prepare_start; then
        exec 9>&-
        mode=- cause=failed
        slow_down
        say ERROR 'data directory cannot be prepared' dataDirectory "$DATA" \
            hint 'is the volume full, or does it belong to another user'
        return
    fi
    write_record "$CONTROL/postmaster" pid "format=1 witness=0 born=0 up=none exit=- pid=0"
    witness_postmaster "$major" &
    exec 9>&-
    await_postmaster $!
}

# A new description of the lock file, so that the lock lives as long as those who inherit it and no longer.
take_lock() {
    local fresh
    if [[ ! $LOCK -ef /proc/$$/fd/$lock_file ]]; then
        # Somebody removed it while it was free.
        exec {fresh}<>"$LOCK" || return
        exec {lock_file}>&-
        lock_file=$fresh
    fi
    exec 9<>"$LOCK" || return
    flock -n 9 && return 0
    exec 9>&-
    return 1
}

# Every start is a standby's, unless a primary is permitted at this very moment.
prepare_start() {
    if [[ -e $CONTROL/promote || -e $DATA/promote ]]; then
        rm -f "$CONTROL/promote" "$DATA/promote" || return
    fi
    if permits_primary_now; then
        mode=primary
        rm -f "$DATA/standby.signal"
    else
        mode=standby
        : >"$DATA/standby.signal"
    fi 2>/dev/null
}

# Parent of the postmaster, for the sake of three things: its exit rings the bell at once, its exit status is known,
# and both still hold when the supervisor was killed and started again. When the witness is killed, the postmaster
# lives on and the poll sees its end.
witness_postmaster() {
    local options=(-D "$DATA") pid up=0 note born=0 idle looks=0
    trap '' TERM INT HUP
    start_time "$BASHPID" && born=$REPLY
    (($1 <= 15)) && options+=(-c "promote_trigger_file=$CONTROL/promote")
    (
        exec 2>&"$speech"
        drop_descriptors
        become_program
        # With this and its parent PostgreSQL knows our pids and takes none of them, reused by chance after a restart
        # of the container, for the postmaster of a left-over postmaster.pid.
        export PG_GRANDPARENT_PID=$$
        exec "$PROGRAMS/postgres" "${options[@]}" </dev/null
    ) &
    pid=$!
    drop_descriptors
    exec 9>&-
    note="format=1 witness=$BASHPID born=$born"
    write_record "$CONTROL/postmaster" pid "$note up=0 exit=- pid=$pid"
    ring "$CONTROL/bell.supervisor"
    exec {idle}<> <(:)
    while kill -0 "$pid" 2>/dev/null; do
        if accepts_connections "$pid"; then
            up=1
            write_record "$CONTROL/postmaster" pid "$note up=1 exit=- pid=$pid"
            ring "$CONTROL/bell.sidecar"
            break
        fi
        # A start takes a moment, or else a long recovery.
        if ((++looks < 200)); then read -r -t 0.05 -u "$idle"; else read -r -t 0.5 -u "$idle"; fi
    done
    wait "$pid"
    write_record "$CONTROL/postmaster" pid "$note up=$up exit=$? pid=$pid"
    ring "$CONTROL/bell.supervisor"
}

# The eighth line of postmaster.pid is the postmaster's own word about its state.
accepts_connections() {
    local lines=()
    { mapfile -t -n 8 lines <"$DATA/postmaster.pid"; } 2>/dev/null
    [[ ${lines[0]-} == "$1" && (${lines[7]-} == ready* || ${lines[7]-} == standby*) ]]
}

become_program() {
    trap - TERM INT HUP PIPE
    unset LC_ALL
    [[ -z $INHERITED_LC_ALL ]] || export LC_ALL=$INHERITED_LC_ALL
}

# The witness's first note names the postmaster's pid, some milliseconds after the fork.
await_postmaster() {
    local tries
    for ((tries = 0; tries < 200; tries++)); do
        read_record "$CONTROL/postmaster" pid && [[ ${record[witness]-} == "$1" ]] && break
        pause 5
    done
    postmaster=${record[pid]-0} postmaster_born=0 lock=held
    start_time "$postmaster" && postmaster_born=$REPLY
    become running
    say INFO 'postmaster started' pid "$postmaster" mode "$mode" sequence "$sequence"
}

# ---- Promotion ----

obey_trigger() {
    local text=''
    if [[ ! -e $CONTROL/promote ]]; then
        blank_trigger=0
        return
    fi
    { read -r text <"$CONTROL/promote"; } 2>/dev/null
    if [[ -z $text ]] && ! ((blank_trigger)); then
        blank_trigger=1
        return
    fi
    # A lease of this epoch was written before the trigger.
    if [[ $mode == standby ]] && permits_primary_now && [[ $text == "$lease_epoch" ]]; then
        promote
    else
        rm -f "$CONTROL/promote"
        say WARN 'trigger file removed' content "$text" mode "$mode" epoch "$lease_epoch" role "$lease_role"
    fi
}

# Passed on again every second while the trigger file is there, in case the postmaster was too young to listen.
promote() {
    local major=0
    ((promoting && now - promoting < 100)) && return
    ((promoting)) || say INFO 'promotion passed on' epoch "$lease_epoch" pid "$postmaster"
    promoting=$now
    { read -r major <"$DATA/PG_VERSION"; } 2>/dev/null
    if [[ $major == 14 || $major == 15 ]]; then
        kill -HUP "$postmaster"
    else
        : >"$DATA/promote" && kill -USR1 "$postmaster" && rm -f "$CONTROL/promote"
    fi
}

# ---- Jobs ----

begin_job() {
    local file id
    ((job_witness || leaving)) && return
    for file in "$CONTROL"/jobs/*; do
        id=${file##*/}
        [[ $id =~ ^[A-Za-z0-9_-]{1,100}$ && ! -e $file.done ]] || continue
        consider_job "$id" && return
    done
}

# False if this job cannot begin now but another might.
consider_job() {
    local words=() locks=1
    mapfile -t words <"$CONTROL/jobs/$1"
    if [[ -e $CONTROL/jobs/$1.stop ]]; then
        finish_job "$1" 143 'stopped before it began'
    elif [[ -z ${words[0]-} || ${words[0]} == *' '* || $JOB_PROGRAMS != *" ${words[0]} "* ]]; then
        finish_job "$1" 126 "unknown program: '${words[0]-}' (expected one of:$JOB_PROGRAMS)"
    elif [[ ! -x $PROGRAMS/${words[0]} ]]; then
        finish_job "$1" 127 "no program $PROGRAMS/${words[0]}"
    elif [[ ${words[0]} == initdb ]] && ! permits_primary_now; then
        finish_job "$1" 124 'there is no valid lease for a primary: perhaps another member makes the cluster by now'
    else
        if ((postmaster)); then
            [[ $JOB_PROGRAMS_BESIDE == *" ${words[0]} "* ]] || return
            locks=0
        else
            take_lock || return
        fi
        : >"$CONTROL/jobs/$1.run"
        witness_job "$1" "$locks" "${words[@]}" &
        job=$1 job_witness=$! job_locks=$locks job_born=0 job_stop_since=0
        start_time "$job_witness" && job_born=$REPLY
        exec 9>&-
        say INFO 'job begun' job "$job" program "${words[0]}"
    fi
}

# Sees to it that the job's end is written down even if the supervisor was killed meanwhile. Only the last lines of
# its output are kept, in the memory of `tail`: the control directory is tiny.
witness_job() {
    local id=$1 file=$CONTROL/jobs/$1 locks=$2 program=$3 sink tail born=0 pid status
    shift 3
    trap '' TERM INT HUP
    drop_descriptors
    start_time "$BASHPID" && born=$REPLY
    exec {sink}> >(exec 9>&- && become_program && exec tail -n 100 >"$file.out")
    tail=$!
    (
        become_program
        exec "$PROGRAMS/$program" "$@" </dev/null >&"$sink" 2>&1 {sink}>&-
    ) &
    pid=$!
    exec {sink}>&- 9>&-
    write_record "$file.run" witness "format=1 locks=$locks program=$pid born=$born witness=$BASHPID"
    wait "$pid"
    status=$?
    wait "$tail"
    finish_job "$id" "$status"
    ring "$CONTROL/bell.supervisor"
}

# Writes the answer to a job: exit status, then the sentence given or else what the program said.
finish_job() {
    local file=$CONTROL/jobs/$1
    {
        printf '%s\n' "$2"
        if (($# > 2)); then
            printf '%s\n' "$3"
        elif [[ -e $file.out ]]; then
            tail -n 100 "$file.out"
        fi
    } >"$file.done.new" && mv -f "$file.done.new" "$file.done" && rm -f "$file.run" "$file.out"
    ring "$CONTROL/bell.sidecar"
}

look_at_job() {
    ((job_witness)) || return
    if [[ ! -e $CONTROL/jobs/$job.done ]]; then
        is_alive "$job_witness" "$job_born" && return
        # Its witness was killed. What it watched may live on, half-way through the data directory.
        ((job_locks)) && kill_lock_holders && return
        [[ -e $CONTROL/jobs/$job.done ]] || finish_job "$job" 125 "$LOST_JOB"
    fi
    say INFO 'job ended' job "$job"
    job='' job_witness=0 job_locks=0
}

# At the supervisor's end a job is asked to end, too.
end_job_if_asked() {
    ((leaving)) || [[ -e $CONTROL/jobs/$job.stop ]] || return
    read_record "$CONTROL/jobs/$job.run" witness && is_number "${record[program]-}" || return
    ((job_stop_since)) || job_stop_since=$now
    if ((now - job_stop_since < JOB_PATIENCE_CENTIS)); then
        kill -TERM "${record[program]}" 2>/dev/null
    else
        kill -KILL "${record[program]}" 2>/dev/null
        ((job_locks)) && kill_lock_holders
    fi
}

recall_job() {
    local file id
    for file in "$CONTROL"/jobs/*.run; do
        id=${file##*/}
        id=${id%.run}
        [[ -e ${file%.run}.done ]] && continue
        if read_record "$file" witness && is_alive "${record[witness]-}" "${record[born]-}"; then
            job=$id job_witness=${record[witness]} job_born=${record[born]} job_locks=${record[locks]-1}
        else
            # What may be left of it still holds the lock, and is killed for that.
            finish_job "$id" 125 "$LOST_JOB"
        fi
    done
}

# ---- Telling ----

report() {
    local text heartbeat
    text="format=1 sequence=$sequence state=$state since=$((since / 100)).$((since / 10 % 10))$((since % 10))"
    text+=" mode=$mode pid=$postmaster lock=$lock exit=$exit_status cause=$cause epoch=$epoch boot=$BOOT_ID"
    text+=" poll=$POLL_MILLIS"
    printf -v heartbeat '%d.%02d' $((now / 100)) $((now % 100))
    if write_record "$CONTROL/actual" heartbeat "$text heartbeat=$heartbeat"; then
        mute=0
    elif ((!mute)); then
        mute=1
        say ERROR 'state cannot be written' file "$CONTROL/actual" hint 'does it belong to another user'
    fi
    if [[ $text != "$report_text" ]]; then
        report_text=$text
        ring "$CONTROL/bell.sidecar"
    fi
}

# Opened for reading and writing a FIFO never blocks in opening, and one that has a byte in it has been rung already:
# so this never blocks in writing either.
ring() {
    local rope
    [[ -p $1 ]] || return
    exec {rope}<>"$1" || return
    read -r -t 0 -u "$rope" || printf . >&"$rope"
    exec {rope}>&-
}

# Sleeps until rung, until the next poll, or until what is due before it.
rest() {
    local millis=$POLL_MILLIS due='' timeout count
    if [[ $state == stopping ]] && ((postmaster == 0)); then
        # Killed processes take some milliseconds to end; what hangs in the kernel may take for ever.
        ((now - since < 300)) && millis=10
    elif [[ $stop_cause == fenced ]]; then
        due=$((immediate_since + FENCE_PATIENCE_CENTIS))
    elif [[ $mode == primary ]] || ((promoting)); then
        due=$lease_deadline
    elif [[ $state == stopped && $cause == failed ]]; then
        due=$next_start
    fi
    if [[ -n $due ]] && ((due > now && (due - now) * 10 < millis)); then
        millis=$(((due - now) * 10))
    fi
    printf -v timeout '%d.%03d' $((millis / 1000)) $((millis % 1000))
    read -r -t "$timeout" -n 1 -u "$bell" || return 0
    for ((count = 0; count < 1000; count++)); do
        read -r -t 0 -u "$bell" || break
        read -r -n 1 -u "$bell"
    done
}

# Sleeps the given milliseconds, or less: whoever waits for something looks again.
pause() {
    local timeout
    printf -v timeout '%d.%03d' $(($1 / 1000)) $(($1 % 1000))
    read -r -t "$timeout" -n 1 -u "$bell"
}

# One line of words as `docs/logging.md` has them. Standard error may be stuck (a full disk below a container's log
# is enough), and a stuck supervisor does not fence: so another process does the writing, and what it cannot keep up
# with is dropped.
say() {
    local moment=$EPOCHREALTIME level=$1 event=$2 line
    shift 2
    TZ=UTC printf -v line '%(%Y-%m-%dT%H:%M:%S)T' "${moment%.*}"
    moment=${moment#*.}
    line+=".${moment:0:3}Z level=$level logger=supervise event=\"$event\""
    while (($# > 1)); do
        line+=" $1=\"${2//[\"$'\n'$'\r']/\'}\""
        shift 2
    done
    if [[ -z $log ]]; then
        printf '%s\n' "$line" >&2
        return
    fi
    if read -r -t 0 -u "$log"; then
        ((++log_behind > LOG_BACKLOG)) && return
    else
        log_behind=0
    fi
    printf '%.511s\n' "$line" >&"$log"
    kill -0 "$logger" 2>/dev/null || begin_logging
}

begin_logging() {
    [[ -n $log ]] || exec {log}<> <(:)
    write_log &
    logger=$!
}

# Ends when everything is written and the supervisor is gone.
write_log() {
    local line own=$log
    trap '' TERM INT HUP
    exec 2>&"$speech"
    log=''
    drop_descriptors
    exec 9>&-
    while :; do
        if IFS= read -r -t 1 -u "$own" line; then
            printf '%s\n' "$line" >&2
        elif ! kill -0 $$ 2>/dev/null; then
            return
        fi
    done
}

# ---- Processes ----

# Start time of a process in clock ticks since boot. False if there is none, or only its zombie.
start_time() {
    local text=''
    is_number "$1" && { IFS= read -r text <"/proc/$1/stat"; } 2>/dev/null
    [[ -n $text ]] || return 1
    # The name before it is in parentheses and may hold anything.
    text=${text##*) }
    [[ $text == [ZX]* ]] && return 1
    [[ $text =~ ^([^\ ]+\ ){19}([0-9]+) ]] && REPLY=${BASH_REMATCH[2]}
}

is_alive() {
    start_time "$1" && [[ $REPLY == "$2" ]]
}

# ---- Records ----

is_number() {
    [[ $1 =~ ^(0|[1-9][0-9]{0,17})$ ]]
}

# Seconds with up to two decimals, as centiseconds.
to_centis() {
    [[ $1 =~ ^([0-9]{1,12})(\.([0-9]{1,2}))?$ ]] || return 1
    local fraction=${BASH_REMATCH[3]}00
    REPLY=$((10#${BASH_REMATCH[1]} * 100 + 10#${fraction:0:2}))
}

read_text() {
    REPLY=''
    { IFS= read -r REPLY <"$1"; } 2>/dev/null
    [[ -n $REPLY ]]
}

# The second argument names the word from which on this record changes often: the checksum up to there is remembered.
read_record() {
    record=()
    read_text "$1" && parse_record "$REPLY" "$2"
}

parse_record() {
    local rest word
    record=()
    [[ $1 =~ ^(.*)\ sum=([0-9a-f]{8})\ *$ ]] || return 1
    rest=${BASH_REMATCH[1]}
    checksum "$rest" "$2"
    [[ $REPLY == "${BASH_REMATCH[2]}" ]] || return 1
    rest+=' '
    while [[ -n $rest ]]; do
        word=${rest%% *}
        rest=${rest#* }
        [[ $word =~ ^([a-z_]+)=(.+)$ ]] || return 1
        record[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
    done
}

# Overwritten in place by one write: on a full volume a new file would be left empty.
write_record() {
    checksum "$3" "$2"
    { printf '%-511s\n' "$3 sum=$REPLY" 1<>"$1"; } 2>/dev/null
}

# FNV-1a with 32 bits. Answers with eight hexadecimal digits.
checksum() {
    local head=${1%%" $2="*}
    if [[ ${known_head[$2]-} != "$head" ]]; then
        fnv "$head" "$FNV_OFFSET"
        known_head[$2]=$head known_hash[$2]=$REPLY
    fi
    fnv "${1:${#head}}" "${known_hash[$2]}"
    printf -v REPLY %08x "$REPLY"
}

fnv() {
    local hash=$2 index byte
    for ((index = 0; index < ${#1}; index++)); do
        printf -v byte %d "'${1:index:1}"
        ((hash = (hash ^ (byte & 255)) * FNV_PRIME & 0xffffffff))
    done
    REPLY=$hash
}

main
