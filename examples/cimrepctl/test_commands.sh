#!/usr/bin/env bash
# test_commands.sh CIMREPCTL: what each command prints, what it leaves, and its exit status.
set -euo pipefail

program=$1
folder=$(mktemp -d "${TMPDIR:-/tmp}/cimrepctl-commands-XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
cd "$folder"

# expect STATUS TEXT COMMAND...: it ends with that status and says that.
expect() {
    local wanted=$1 text=$2 status=0
    shift 2
    "$program" "$@" >said 2>&1 || status=$?
    if [ "$status" -ne "$wanted" ] || ! grep -q -e "$text" said; then
        echo "cimrepctl $*: status $status, $wanted is expected, with '$text'; it said:"
        cat said
        exit 1
    fi
}

echo "mirror and compare"
head -c 24M /dev/urandom | tr xy zz >a  # what is written to it later is something else
truncate -s 16M hole
cat hole >>a
truncate -s 40M b
expect 1 "different: " compare a b
expect 0 "b is a copy of a" mirror --source a --target b
cmp a b
expect 0 "equal: 41943040 bytes" compare a b
expect 0 '"equal":true' compare a b --json
expect 0 "41943040 bytes compared, 0 differ" verify a b
expect 0 "0 bytes copied" mirror --source a --target b --identical=full

echo "differences"
printf 'x' | dd of=b bs=1 seek=12345678 conv=notrunc status=none
expect 1 "at byte 12345678: 1 bytes" compare a b
expect 1 '"offset_bytes":12345678' --json compare a b
expect 1 "differ" verify a b
expect 1 "differ" mirror --source a --target b --identical full
printf 'yyyy' | dd of=b bs=1 seek=1048574 conv=notrunc status=none
expect 1 "at byte 1048574: 4 bytes" compare a b
truncate -s 48M c
dd if=a of=c conv=notrunc status=none
expect 1 "the sizes differ: 41943040 and 50331648" compare a c
expect 0 "c is a copy of a" mirror --source a --target c
cmp -n 41943040 a c

echo "refusals"
expect 1 "same device twice\|are the same device" mirror --source a --target a
expect 1 "No such file" mirror --source a --target missing
expect 1 "No such file" compare a missing
expect 1 "give a target of at least 41943040 bytes" mirror --source a --target hole
truncate -s 40M d
PATH=$PATH:/usr/sbin:/sbin mkfs.ext4 -q -F d
sum=$(md5sum <d)
expect 1 "carries an ext4 filesystem" mirror --source a --target d
[ "$sum" = "$(md5sum <d)" ]
expect 0 "d is a copy of a" mirror --source a --target d --overwrite
cmp a d

echo "usage"
expect 2 "subcommand" --json
expect 2 "required" mirror --source a
expect 2 "" demo --source a
expect 2 "" demo --size 1M
expect 2 "" frobnicate
expect 2 "give any, none, Initialized" table --state nowhere
expect 0 "demo" --help
expect 0 "LOST" demo --help
expect 0 "0\.[0-9]" --version

echo "table"
expect 0 "Fractured .*Resync Replica .*Unsynchronized .*Resyncing .*stated" table --type mirror
expect 0 "leg lost" table --type mirror --state fractured
if grep -q "^Synchronized " said; then
    echo "a row of another state is shown"
    exit 1
fi
expect 0 '"request":"Resync Replica"' table --json

echo "signals"
for signal in INT TERM; do
    mkdir -p "shm$signal"
    "$program" demo --size 1G >said 2>&1 &
    demo=$!
    until grep -q "^source .*/source.img:" said; do sleep 0.02; done
    made=$(sed -n 's/^source \(.*\)\/source.img:.*/\1/p' said)
    [ -d "$made" ]
    kill -s "$signal" "$demo"
    status=0
    wait "$demo" || status=$?
    if [ "$status" -ne 130 ] || [ -e "$made" ]; then
        echo "SIG$signal: status $status, and $made is $([ -e "$made" ] && echo there || echo gone)"
        exit 1
    fi
done
