# A PostgreSQL cluster of our own, for the time of one run. To be sourced; wants a function `fail`.
#
#   start_own_postgres [options of the server]   sets POSTGRES_URL (which names no database yet)
#   stop_own_postgres                            removes everything, if anything was started
# shellcheck shell=bash

POSTGRES_HOME=
POSTGRES_URL=
POSTGRES_AS=()
POSTGRES_BIN=

# The directory with PostgreSQL's own programs: Debian keeps them out of PATH.
postgres_bin() {
    local found
    found=$(find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1 || true)
    found=${found:-$(command -v initdb || true)}
    [[ -n $found ]] && dirname "$found"
}

# PostgreSQL refuses to run as root: root lends it another user.
choose_postgres_user() {
    ((EUID == 0)) || return 0
    local user=nobody
    if id postgres >/dev/null 2>&1; then user=postgres; fi
    chown "$user" "$POSTGRES_HOME"
    POSTGRES_AS=(runuser -u "$user" --)
}

# Runs one of PostgreSQL's programs; none of them may inherit a working directory closed to it.
postgres_program() {
    local program=$1
    shift
    (cd "$POSTGRES_HOME" && "${POSTGRES_AS[@]}" "$POSTGRES_BIN/$program" "$@")
}

port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

start_own_postgres() {
    POSTGRES_BIN=$(postgres_bin) || fail "PostgreSQL's initdb is not to be found"
    POSTGRES_HOME=$(mktemp -d "${TMPDIR:-/tmp}/docket-postgres.XXXXXX")
    choose_postgres_user
    local password port options attempt
    password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
    (umask 077 && echo "$password" >"$POSTGRES_HOME/password")
    if ((EUID == 0)); then chown --reference="$POSTGRES_HOME" "$POSTGRES_HOME/password"; fi
    # C.UTF-8 knows the lower case of every letter; plain C knows that of ASCII alone.
    postgres_program initdb --pgdata="$POSTGRES_HOME/data" --username=docket \
        --auth-local=trust --auth-host=scram-sha-256 --pwfile="$POSTGRES_HOME/password" \
        --encoding=UTF8 --locale=C.UTF-8 --no-sync >/dev/null
    for attempt in 1 2 3 4 5 6 7 8 9 10; do
        port=$((20000 + RANDOM % 20000))
        port_is_free "$port" || continue
        options="-p $port -k $POSTGRES_HOME -c listen_addresses=127.0.0.1 $*"
        if postgres_program pg_ctl --pgdata="$POSTGRES_HOME/data" --log="$POSTGRES_HOME/log" \
            --options="$options" --wait --silent start; then
            POSTGRES_URL="postgres://docket:$password@127.0.0.1:$port"
            return 0
        fi
        echo "attempt $attempt on port $port failed" >&2
    done
    cat "$POSTGRES_HOME/log" >&2 || true
    fail "PostgreSQL did not start"
}

stop_own_postgres() {
    [[ -n $POSTGRES_HOME ]] || return 0
    if [[ -f $POSTGRES_HOME/data/postmaster.pid ]]; then
        postgres_program pg_ctl --pgdata="$POSTGRES_HOME/data" --mode=immediate --wait --silent \
            stop || true
    fi
    rm -rf "$POSTGRES_HOME"
}
