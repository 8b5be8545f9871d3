#!/usr/bin/env bash
# test_commands.sh CIMREPCTL: what each command prints, what it leaves, and its exit status.
set -euo pipefail

program=$1
folder=$(mktemp -d "${TMPDIR:-/tmp}/cimrepctl-commands-XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
cd "$folder"

# expect STATUS TEXT COMMAND...: it ends with that status and says that, and never an object path.
expect() {
    local wanted=$1 text=$2 status=0
    shift 2
    "$program" "$@" >said 2>&1 || status=$?
    if [ "$status" -ne "$wanted" ] || ! grep -q -e "$text" said || grep -q DeviceID said; then
        echo "cimrepctl $*: status $status, $wanted is expected, with '$text'; it said:"
        cat said
        exit 1
    fi
}

# expect_json_failure STATUS TEXT COMMAND...: the failure is a sentence on stderr, and a line of JSON.
expect_json_failure() {
    local wanted=$1 text=$2 status=0
    shift 2
    "$program" "$@" >said 2>errors || status=$?
    if [ "$status" -ne "$wanted" ] || ! grep -q "^cimrepctl: $text" errors ||
        ! grep -q "^{\"event\":\"failed\",\"error\":\"$text" said; then
        echo "cimrepctl $*: status $status, $wanted is expected, with '$text' twice; it said:"
        cat errors said
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
expect 0 "^b equals a: 41943040 bytes compared" verify a b
expect 0 "^b equals a already: every byte was compared, nothing was copied" \
    mirror --source a --target b --identical=full
expect 0 "^b has no difference from a in the samples that were compared, nothing was copied" \
    mirror --source a --target b --identical=sampled
expect 0 '"checked":"full","copied_bytes":0' --json mirror --source a --target b --identical full

echo "differences"
printf 'x' | dd of=b bs=1 seek=12345678 conv=notrunc status=none
expect 1 "at byte 12345678: 1 byte$" compare a b
expect 1 '"offset_bytes":12345678' --json compare a b
sum=$(md5sum <b)
expect 1 "^b differs from a in 512 of 41943040 bytes; nothing was written" verify a b
expect 1 "at byte 12345344: 512 bytes" verify a b
expect 1 '"equal":false.*"different_bytes":512,"repaired_bytes":0,' --json verify a b
expect 1 "^cimrepctl: b differs from a at .*; nothing was written: mirror without --identical" \
    mirror --source a --target b --identical full
[ "$sum" = "$(md5sum <b)" ]
sum=$(md5sum <a)
expect 0 "^b differed from a in 512 of .*; repaired: 262144 bytes written again from a" \
    verify a b --repair
grep -q "^compared once more after that: equal" said
cmp a b
[ "$sum" = "$(md5sum <a)" ]
printf 'xx' | dd of=b bs=1 seek=511 conv=notrunc status=none
expect 0 '"equal":true.*"different_bytes":1024,.*"still_different_bytes":0' \
    --json verify a b --repair
cmp a b
expect 0 "^b equals a: 41943040 bytes compared" verify a b --repair
printf 'x' | dd of=b bs=1 seek=12345678 conv=notrunc status=none
printf 'yyyy' | dd of=b bs=1 seek=1048574 conv=notrunc status=none
expect 1 "at byte 1048574: 4 bytes" compare a b
truncate -s 48M c
dd if=a of=c conv=notrunc status=none
expect 1 "the sizes differ: 41943040 and 50331648" compare a c
expect 0 "c is a copy of a" mirror --source a --target c
cmp -n 41943040 a c

echo "refusals"
ln a another
expect 1 "^cimrepctl: source a and target another are two names of the same device" \
    mirror --source a --target another
truncate -s 5000 odd
expect 1 "^cimrepctl: odd has 5000 bytes, no multiple of its blocks of .*: .* remain.*make it" \
    mirror --source odd --target b
expect 1 "^cimrepctl: cannot open missing: No such file" mirror --source a --target missing
expect 1 "No such file" compare a missing
expect 1 "^cimrepctl: target hole has 16777216 bytes, source a has 41943040: " \
    mirror --source a --target hole
expect 1 "give a target of at least 41943040 bytes" mirror --source a --target hole
truncate -s 40M d
PATH=$PATH:/usr/sbin:/sbin mkfs.ext4 -q -F d
sum=$(md5sum <d)
expect 1 "^cimrepctl: d carries an ext4 filesystem.*; give another target, or --overwrite" \
    mirror --source a --target d
expect 1 "^cimrepctl: d carries an ext4 filesystem, and a does not: .*or --overwrite" \
    verify a d --repair
[ "$sum" = "$(md5sum <d)" ]
expect 0 "^d differed from a in .*; repaired: " verify a d --repair --overwrite
cmp a d
PATH=$PATH:/usr/sbin:/sbin mkfs.ext4 -q -F d
expect 0 "d is a copy of a" mirror --source a --target d --overwrite
cmp a d

echo "a demo that is refused writes nothing"
sum=$(md5sum a c)
expect 1 "^cimrepctl: a and another are the same" demo --source a --target another
truncate -s 40000001 uneven
uneven=$(md5sum uneven)
expect 1 "^cimrepctl: uneven has 40000001 bytes, no multiple" demo --source uneven --target c
[ "$uneven" = "$(md5sum uneven)" ]
expect 1 "No such file" demo --source a --target missing
[ "$sum" = "$(md5sum a c)" ]

echo "usage"
expect 2 "^cimrepctl: a command is required; see cimrepctl --help" --json
expect 2 "^cimrepctl: --target is required; see cimrepctl mirror --help" mirror --source a
expect 2 "^cimrepctl: --target needs a value" mirror --source a --target
expect 2 "^cimrepctl: target is required" verify a
expect 2 "^cimrepctl: the argument c was not expected;" verify a b c
expect 2 "^cimrepctl: --source requires --target" demo --source a
expect 2 "^cimrepctl: --size: 1M is no size from 32M to 64G" demo --size 1M
expect 2 "^cimrepctl: --size: foo is no size" demo --size foo
expect 2 "^cimrepctl: there is no command frobnicate; see cimrepctl --help" frobnicate
expect 2 "^cimrepctl: there is no option --jsn" --jsn table
expect 2 "^cimrepctl: --source takes one value, and no more;" mirror --source a --source a --target b
expect 2 "^cimrepctl: --repository takes one value, and no more;" status --repository r1 r2
expect 2 "^cimrepctl: --force requires --repository" mirror --source a --target b --force
expect 2 "^cimrepctl: --identical excludes --force\|^cimrepctl: --force excludes --identical" \
    mirror --source a --target b --repository r --force --identical full
expect 2 "^cimrepctl: --identical: some not in {sampled,full}" \
    mirror --source a --target b --identical some
expect 2 "^cimrepctl: --overwrite requires --repair" verify a b --overwrite
expect 2 "^cimrepctl: --overwrite requires --replace" repair r1 r2 --overwrite
expect 2 "^cimrepctl: --type: other not in {mirror,snapshot,clone}" table --type other

echo "usage: names that make no sense, whatever they lead to"
twice="is given twice: each has to be a file or device of its own; see cimrepctl"
expect 2 "^cimrepctl: a $twice mirror --help" mirror --source a --target a
expect 2 "^cimrepctl: ./a $twice mirror --help" mirror --source a --target ./a
expect 2 "^cimrepctl: a $twice mirror --help" mirror --source a --target b --repository new,a
expect 2 "^cimrepctl: new $twice mirror --help" mirror --source a --target b --repository new,new
expect 2 "^cimrepctl: a $twice verify --help" verify a a
expect 2 "^cimrepctl: b $twice verify --help" verify a b --repository b
expect 2 "^cimrepctl: a $twice compare --help" compare a a
expect 2 "^cimrepctl: a $twice demo --help" demo --source a --target a
expect 2 "^cimrepctl: a $twice detach --help" detach --source a --target a --repository new
for command in check repair upgrade; do
    expect 2 "^cimrepctl: new $twice $command --help" "$command" new new
    expect 2 "^cimrepctl: a repository of 4 copies is asked for: name one to three" "$command" 1 2 3 4
    for empty in "" "," "new," ",new" "new,,other"; do
        expect 2 "^cimrepctl: the name of a file or device is empty; see" "$command" "$empty"
    done
done
expect 2 "^cimrepctl: new $twice status --help" status --repository new,new
expect 2 "^cimrepctl: a repository of 4 copies" status --repository 1,2,3,4
expect 2 "^cimrepctl: a repository of 4 copies" mirror --source a --target b --repository 1,2,3,4
for empty in "" "," "new," "new,,other"; do
    expect 2 "^cimrepctl: the name of a file or device is empty" verify a b --repository "$empty"
    expect 2 "^cimrepctl: the name of a file or device is empty" status --repository "$empty"
    for command in mirror detach; do
        expect 2 "^cimrepctl: the name of a file or device is empty" \
            "$command" --source a --target b --repository "$empty"
    done
done
expect 2 "^cimrepctl: the name of a file or device is empty" mirror --source "" --target b
expect 2 "^cimrepctl: the name of a file or device is empty" compare "" b
expect 2 "^cimrepctl: the name of a file or device is empty" demo --source "" --target b
[ ! -e new ] && [ ! -e other ]

echo "more usage"
expect 2 "^cimrepctl: --state nowhere is no CopyState; give any, none, Initialized" \
    table --state nowhere
expect_json_failure 2 "there is no command frobnicate" --json frobnicate
expect_json_failure 2 "--target is required" mirror --source a --json
expect_json_failure 2 "--state nowhere is no CopyState" table --state nowhere --json
expect_json_failure 2 "a is given twice" mirror --source a --target a --json
expect_json_failure 1 "cannot open missing" mirror --source a --target missing --json
expect 0 "demo" --help
expect 0 "LOST" demo --help
expect 0 "0\.[0-9]" --version

echo "table"
expect 0 "Fractured .*Resync Replica .*Unsynchronized .*Resyncing .*stated" table --type mirror
expect 0 "Resync Replica .* stated *built$" table --type mirror --state fractured
expect 0 "Reset To Async .*not yet" table --type mirror --state fractured
expect 0 '"from":"Fractured","request":"Reverse Roles".*"built":false}' table --json
expect 0 "leg lost" table --type mirror --state fractured
if [ -z "$(head -n 1 said)" ]; then
    echo "the table begins with an empty line"
    exit 1
fi
if grep -q "^Synchronized " said; then
    echo "a row of another state is shown"
    exit 1
fi
expect 0 '"request":"Resync Replica"' table --json

# expect_loss STATUS COMMAND...: what it cannot print makes it fail, unless it has failed anyway.
expect_loss() {
    local wanted=$1 status=0
    shift
    "$program" "$@" >/dev/full 2>errors || status=$?
    if [ "$status" -ne "$wanted" ] ||
        [ "$(grep -c "^cimrepctl: cannot write to standard output: " errors)" -ne 1 ]; then
        echo "cimrepctl $* into a full device: status $status, $wanted is expected; it said:"
        cat errors
        exit 1
    fi
}

echo "output that cannot be written"
cp a equal
for json in "" --json; do
    # shellcheck disable=SC2086
    for command in table "compare a equal" "verify a equal" "compare a b"; do
        expect_loss 1 $command $json
    done
done
expect_loss 1 --help
expect_loss 2 --json frobnicate
rm -f lost
expect_loss 1 mirror --source a --target equal --repository lost
expect_loss 1 status --repository lost
# A stream that is closed is output that cannot be written.
status=0
"$program" mirror --source a --target equal <&- >&- 2>&- || status=$?
[ "$status" -eq 1 ] || { echo "closed streams: status $status" && exit 1; }
cmp a equal
rm equal lost

# on_terminal SETTINGS COMMAND...: on a terminal that stty has set so; its process is in `pid`.
on_terminal() {
    local settings=$1
    shift
    script -qefc "stty $settings; echo \$\$ >pid; exec '$program' $*" /dev/null >said 2>&1 </dev/null
}

# expect_narrow COLUMNS: no line that is rewritten is wider, and the last one says 100 %.
expect_narrow() {
    tr '\r' '\n' <said | grep " %" >bars
    if [ "$(wc -L <bars)" -ge "$1" ] || ! tail -n 1 bars | grep -q "100 %"; then
        echo "a bar for $1 columns:"
        cat bars
        exit 1
    fi
}

echo "a terminal"
if ! command -v script >/dev/null; then
    echo "skipped: the bar of a terminal, for script(1) is missing"
else
    for columns in 10 30 50 200; do
        on_terminal "cols $columns" mirror --source a --target c
        expect_narrow "$columns"
    done
    COLUMNS=40 on_terminal "cols 0" mirror --source a --target c
    expect_narrow 40

    echo "a copy that is stopped"
    status=0
    for size in 256M 1G 4G; do
        head -c "$size" /dev/zero >big
        truncate -s "$size" copy
        : >said
        on_terminal "cols 80" mirror --source big --target copy &
        running=$!
        until grep -q "copying" said || ! kill -0 "$running" 2>/dev/null; do sleep 0.01; done
        kill -s INT "$(cat pid)" 2>/dev/null || true
        status=0
        wait "$running" || status=$?
        rm -f big copy
        [ "$status" -eq 0 ] || break
    done
    if [ "$status" -eq 0 ]; then
        echo "skipped: to stop a copy, for 4 GiB are copied too fast"
    elif [ "$status" -ne 130 ] ||
        ! grep -q "stopped by a signal; copy is INCOMPLETE and no copy of big (.* % copied)" said; then
        echo "a copy that is stopped: status $status; it said:"
        cat said
        exit 1
    fi
fi

echo "signals"
for signal in INT TERM; do
    mkdir -p "shm$signal"
    # What the one before had said must not be taken for what this one says.
    : >said
    "$program" demo --size 1G >>said 2>&1 &
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
