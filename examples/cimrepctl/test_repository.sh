#!/usr/bin/env bash
# test_repository.sh CIMREPCTL DATA: mirrors that a repository keeps between runs, which are killed in
# the middle, and the commands on closed repositories. DATA has the images of older formats.
set -euo pipefail

program=$1
data=$2
folder=$(mktemp -d "${TMPDIR:-/tmp}/cimrepctl-repository-XXXXXX")
running=
clean_up() {
    [ -z "$running" ] || kill -s KILL "$running" 2>/dev/null || true
    rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT TERM
cd "$folder"

fail() {
    echo "$1; it said:"
    cat said
    exit 1
}

# say COMMAND...: what it prints is in `said`, its exit status in `status`. The claims of a process
# that was killed last until its last request has ended.
say() {
    local attempt
    for attempt in $(seq 500); do
        status=0
        "$program" "$@" >said 2>&1 || status=$?
        grep -q " is \(locked\|claimed\)" said || return 0
        sleep 0.01
    done
}

# expect STATUS TEXT COMMAND...: it ends with that status and says that, and never an object path.
expect() {
    local wanted=$1 text=$2
    shift 2
    say "$@"
    if [ "$status" -ne "$wanted" ] || ! grep -q -e "$text" said || grep -q DeviceID said; then
        fail "cimrepctl $*: status $status, $wanted is expected, with '$text'"
    fi
}

# number NAME: of the last JSON line that has it.
number() {
    sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p" said | tail -n 1
}

# occupied FILE: how many bytes it has that are not a hole.
occupied() {
    echo $(($(stat -c %b "$1" 2>/dev/null || echo 0) * 512))
}

# end_when SIGNAL BYTES FILE COMMAND...: runs it, and sends the signal as soon as the file has so many
# bytes; sets `status`. It may be over before.
end_when() {
    local signal=$1 bytes=$2 file=$3
    shift 3
    "$program" "$@" >said 2>&1 &
    running=$!
    while kill -0 "$running" 2>/dev/null && [ "$(occupied "$file")" -lt "$bytes" ]; do :; done
    kill -s "$signal" "$running" 2>/dev/null || true
    status=0
    wait "$running" 2>/dev/null || status=$?
    running=
}

MiB=1048576
mirror=(mirror --source a --target b --repository r)

echo "a mirror that is kept"
head -c 24M /dev/urandom | tr xy zz >a
truncate -s 40M a b
expect 0 "^b is a copy of a: 24 MiB copied and flushed; r keeps the relationship" "${mirror[@]}"
cmp a b
expect 0 "CopyState Synchronized, ProgressStatus Completed, 100 % of 40 MiB" status --repository r
grep -q "^r: closed in order by cimrepctl mirror (process [0-9]*); 1 relationship$" said ||
    fail "the first line of status"
expect 0 '"percent_synced":100,"size_bytes":41943040,"different_bytes":0' --json status --repository r
expect 0 "^r: whole, copy 0 of 1, closed in order" check r
expect 0 "^all is well: it has [0-9]* records, .*; features: leg_evidence; points_in_time" check r
before=$(md5sum r)
expect 0 "there was nothing to repair; all copies that were given are whole now" repair r
expect 0 "^nothing to do: it has all features" upgrade r
expect 0 "CopyState Synchronized" status --repository r

echo "the same command again compares, and copies what differs"
# A sample may have been taken where b is changed, or not: with --overwrite both end alike.
expect 0 "^b is a copy of a: 0 bytes copied and flushed, 40 MiB compared; r keeps" "${mirror[@]}"
printf 'xxxx' | dd of=b bs=1 seek=12345678 conv=notrunc status=none
expect 0 "^b is a copy of a: .* copied and flushed, 40 MiB compared" "${mirror[@]}" --overwrite
cmp a b
# What a verification has found is known to differ; what was written after it is found again.
printf 'yyyy' | dd of=b bs=1 seek=1048578 conv=notrunc status=none
expect 1 "^b differs from a in 512 of\|^cimrepctl: b is no copy of a: CopyState" \
    verify a b --repository r
expect 0 "CopyState Unsynchronized\|CopyState Broken" status --repository r
printf 'yyyy' | dd of=b bs=1 seek=2097152 conv=notrunc status=none
expect 0 "^b is a copy of a: .* copied and flushed, 40 MiB compared" "${mirror[@]}" --overwrite
cmp a b
expect 0 "^b equals a: 41943040 bytes compared" verify a b --repository r

echo "a source with another content is not copied unasked"
head -c 40M /dev/urandom | dd of=a conv=notrunc status=none
sum=$(md5sum b)
expect 1 "the relationship is Broken now\|a and b cannot be mirrored now" "${mirror[@]}"
[ "$sum" = "$(md5sum b)" ] || fail "what was not to be copied was copied"
rm r
expect 0 "^b is a copy of a: 40 MiB copied and flushed; r keeps" "${mirror[@]}"

echo "a second relationship beside it"
truncate -s 40M c
expect 0 "^c is a copy of a" mirror --source a --target c --repository r
cmp a c
expect 0 "2 relationships" status --repository r
[ "$(grep -c "CopyState Synchronized" said)" -eq 2 ] || fail "both relationships"
expect 1 "^cimrepctl: b is the target of another relationship" verify b c --repository r
expect 1 "^cimrepctl: [bc] is the target of another relationship in the repository" \
    mirror --source b --target c --repository r
expect 1 "^cimrepctl: a is the source of another relationship" \
    mirror --source c --target a --repository r
truncate -s 40M d
expect 1 "^cimrepctl: r keeps no relationship of a and d" verify a d --repository r
rm d

echo "what a command is not about is not copied"
head -c 40M /dev/urandom | dd of=a conv=notrunc status=none
expect 1 "the relationship is Broken now\|a and b cannot be mirrored now" "${mirror[@]}"
others=$(md5sum c)
expect 0 "^b is a copy of a: .* copied and flushed" "${mirror[@]}" --force
cmp a b
# is_untouched: the other target of the same source.
is_untouched() { [ "$others" = "$(md5sum c)" ] || fail "c was copied to by a command about $1"; }
is_untouched "b, by force"
expect 1 "^cimrepctl: r keeps no relationship of b and a" detach --source b --target a --repository r
is_untouched "no relationship that is kept"
expect 0 "^b equals a" verify a b --repository r
is_untouched "b, a comparison"
expect 0 "^b is a copy of a" "${mirror[@]}"
is_untouched "b, without force"
expect 0 "CopyState Unsynchronized\|CopyState Broken" status --repository r
expect 0 "^c is a copy of a\|going on" mirror --source a --target c --repository r
cmp a c

echo "refusals"
sum=$(md5sum a b)
expect 1 "^cimrepctl: a and b are related already in r: .*; leave out --identical" \
    "${mirror[@]}" --identical full
mv b other
cp other b
expect 1 "^cimrepctl: b is not what the repository knows by that name" "${mirror[@]}"
rm b
mv other b
truncate -s 48M a
expect 1 "^cimrepctl: a has 50331648 bytes now, the repository knows it with 41943040" "${mirror[@]}"
truncate -s 40M a
ln a another
expect 1 "^cimrepctl: copy another of the repository and a are the same" \
    mirror --source a --target b --repository another
expect 1 "^cimrepctl: copy another of the repository and a are the same" \
    mirror --source a --target b --repository new,another
rm another
expect 1 "^cimrepctl: c carries something that is no copy of a repository" \
    mirror --source a --target b --repository c
expect 1 "carries something that is no copy" mirror --source a --target b --repository new,c
[ ! -e new ] || fail "a file of a refused command is left"
expect 1 "No such file" mirror --source missing --target b --repository new
[ ! -e new ] || fail "a file of a refused command is left"
expect 1 "none of the devices given has a superblock\|no superblock\|no repository" status --repository a
expect 1 "No such file" status --repository missing
expect 2 "^cimrepctl: --repository is required" status
expect 2 "^cimrepctl: copies is required" check
[ "$sum" = "$(md5sum a b)" ] || fail "a refused command wrote"

echo "a copy that is killed goes on"
# size SIGNAL: a source that is large enough for a copy of it to be ended in the middle.
killed=
for size in 512 2048; do
    rm -f r a b
    head -c "${size}M" /dev/urandom >a
    for part in 0 1 10 60 90; do
        rm -f r b
        truncate -s "${size}M" b
        # Nothing at all, hardly anything, and then more than is copied between two flushes.
        bytes=$((size * MiB / 100 * part))
        watched=b
        [ "$part" -ne 0 ] || watched=r bytes=1
        end_when KILL "$bytes" "$watched" "${mirror[@]}"
        if [ "$status" -eq 0 ]; then
            echo "$size MiB are copied too fast to be stopped at $part %"
            continue
        fi
        if [ "$part" -ge 60 ]; then
            killed=yes
            expect 0 "CopyState Unsynchronized" status --repository r
            expect 0 "NOT closed in order by cimrepctl mirror" status --repository r
            expect 0 "not closed in order" check r
        fi
        say --json "${mirror[@]}"
        [ "$status" -eq 0 ] || fail "killed at $part %, run again: status $status"
        cmp a b
        copied=$(number copied_bytes)
        if [ "$part" -ge 60 ]; then
            grep -q '"event":"resumed"' said || fail "killed at $part %: nobody says it goes on"
            [ "$copied" -le $((size * MiB - 64 * MiB)) ] ||
                fail "killed at $part %: $copied bytes were copied again"
            [ $((copied + $(number copied_before_bytes))) -eq $((size * MiB)) ] ||
                fail "killed at $part %: the figures"
        fi
        expect 0 ": closed in order by cimrepctl mirror" status --repository r
        grep -q "CopyState Synchronized" said || fail "killed at $part %, run again"
    done
    [ -z "$killed" ] || break
done
[ -n "$killed" ] || echo "skipped: to kill a copy in the middle, for it is too fast"

echo "a copy that is killed again and again"
rm -f r b
truncate -s "${size}M" b
for part in 10 30 50 70 90; do
    for attempt in $(seq 500); do
        end_when KILL $((size * MiB / 100 * part)) b "${mirror[@]}"
        grep -q " is \(locked\|claimed\)" said || break
        sleep 0.01
    done
done
say "${mirror[@]}"
[ "$status" -eq 0 ] || fail "killed five times, run again: status $status"
cmp a b

echo "a copy that is stopped in order"
rm -f r b
truncate -s "${size}M" b
end_when INT $((size * MiB / 2)) b "${mirror[@]}"
if [ "$status" -eq 0 ]; then
    echo "skipped: to stop a copy, for it is too fast"
else
    [ "$status" -eq 130 ] || fail "stopped: status $status"
    grep -q "b is INCOMPLETE and no copy of a (.* % copied): the same command goes on" said ||
        fail "stopped"
    expect 0 ": closed in order by cimrepctl mirror" status --repository r
    grep -q "CopyState Unsynchronized" said || fail "stopped"
    for options in "" --repair; do
        # shellcheck disable=SC2086
        expect 1 "b is no copy of a: CopyState Unsynchronized.*cimrepctl mirror --source a --target b --repository r. copies what differs" \
            verify a b --repository r $options
    done
    expect 0 "^going on where an earlier run ended: .* are copied already" "${mirror[@]}"
    cmp a b
fi

# hold: starts the mirror and stops its process where it copies; `running` is empty if it is too fast.
hold() {
    rm -f r b
    truncate -s "${size}M" b
    "$program" "${mirror[@]}" >held 2>&1 &
    running=$!
    while kill -0 "$running" 2>/dev/null && [ "$(occupied b)" -lt "$MiB" ]; do :; done
    kill -s STOP "$running" 2>/dev/null || true
    until grep -q "^State:.[TZ]" "/proc/$running/status" 2>/dev/null; do
        [ -e "/proc/$running" ] || break
        sleep 0.01
    done
    if ! grep -q "^State:.T" "/proc/$running/status" 2>/dev/null; then
        wait "$running" || true
        running=
    fi
}

end_holder() {
    kill -s KILL "$running"
    wait "$running" 2>/dev/null || true
    running=
}

echo "a repository that is in use"
hold
if [ -z "$running" ]; then
    echo "skipped: a repository in use, for the copy is too fast"
else
    for command in "status --repository r" "check r" "repair r" "mirror --source a --target c"; do
        [ "$command" != "mirror --source a --target c" ] || truncate -s "${size}M" c
        begun=$(date +%s%N)
        status=0
        # shellcheck disable=SC2086
        "$program" $command >said 2>&1 || status=$?
        took=$(($(date +%s%N) - begun))
        [ "$status" -eq 1 ] && grep -q "^cimrepctl: [ra] is locked by .*$running.*: the element is in use" said ||
            fail "in use by $running: status $status of $command"
        [ "$took" -ge 1900000000 ] || fail "$command gave up after $took ns"
        [ "$(grep -c "waiting for it, two seconds at most" said)" -eq 1 ] || fail "nobody says that $command waits"
    done
    rm -f c
    end_holder
fi

echo "a repository whose holder ends"
went_on=
for attempt in $(seq 10); do
    [ -n "$running" ] || hold
    [ -n "$running" ] || break
    "$program" --json mirror --source a --target b --repository r >said 2>&1 &
    waiting=$!
    until grep -q "waiting for it" said || ! kill -0 "$waiting" 2>/dev/null; do sleep 0.01; done
    end_holder
    status=0
    wait "$waiting" || status=$?
    # A machine that is too busy lets the two seconds pass before the holder has ended.
    went_on=$status
    [ "$status" -ne 0 ] || break
done
if [ -z "$went_on" ]; then
    echo "skipped: a holder that ends, for the copy is too fast"
else
    [ "$went_on" -eq 0 ] || fail "nobody waits for a holder that ends: status $went_on"
    grep -q '"event":"resumed"' said || fail "a copy whose holder ended does not go on"
    cmp a b
fi
say "${mirror[@]}"
cmp a b

echo "two copies"
rm -f r a b c
head -c 8M /dev/urandom >a
truncate -s 8M b
mirror=(mirror --source a --target b --repository r1,r2)
expect 0 "r1, r2 keeps the relationship" "${mirror[@]}"
expect 0 "^r2: whole, copy 1 of 2" check r1 r2
dd if=/dev/zero of=r2 bs=4096 count=1 conv=notrunc status=none
expect 1 "^r2: whole, .*superblock 0: " check r2,r1
expect 1 "cimrepctl repair r1 r2. mends" check r1 r2
expect 0 "all copies that were given are whole now" repair r1 r2
expect 0 "all is well" check r1 r2
dd if=/dev/zero of=r2 bs=4096 count=2 conv=notrunc status=none
sum=$(md5sum r1 r2)
expect 1 "is missing, and may know more" check r1 r2
grep -q "^r2: no copy of a repository; both superblocks are zeros$" said || fail "zeros"
grep -q "^  if it was a copy, .cimrepctl repair ANOTHER r2 --replace --overwrite. writes it anew" said ||
    fail "what zeros mean"
[ "$(grep -c ANOTHER said)" -eq 1 ] || fail "a copy that is one"
expect 1 "is missing, and may know more" repair r1 r2
expect 1 "is missing, and may know more" upgrade r1 r2
expect 1 "is missing, and may know more" "${mirror[@]}"
[ "$sum" = "$(md5sum r1 r2)" ] || fail "a refused command wrote to a copy"
expect 1 "carries data that is none of a repository.*--overwrite" repair r1 r2 --replace
expect 0 "copy 1 was written anew; all copies that were given are whole now" repair r1 r2 --replace --overwrite
expect 0 "all is well" check r1 r2
rm r2
expect 1 "^r2: .*No such file" check r1 r2
expect 1 "r2 is not there: .*--replace makes it anew" repair r1 r2
[ ! -e r2 ] || fail "a refused repair made a file"
expect 0 "copy 1 was written anew; all copies that were given are whole now" repair r1 r2 --replace
expect 0 "CopyState Synchronized" status --repository r1,r2
expect 1 "r3 is no copy of the repository that the others are" mirror --source a --target b --repository r1,r2,r3
[ ! -e r3 ] || fail "a refused command made a file"
truncate -s 32M r3
expect 1 "^cimrepctl: r3 is no copy of the repository that the others are: .*leave it out: a repository keeps" \
    mirror --source a --target b --repository r1,r2,r3
expect 1 "^cimrepctl: r3 is no copy of the repository" verify a b --repository r3,r1,r2
expect 1 "^cimrepctl: r3 is no copy of the repository" detach --source a --target b --repository r1,r3,r2
cmp -n 33554432 r3 /dev/zero || fail "what is no copy was written to"
surplus="r3 is no copy of .*; leave it out: a repository keeps the number of copies it was made with"
for options in "" --replace "--replace --overwrite" --accept-missing; do
    # shellcheck disable=SC2086
    expect 1 "^cimrepctl: $surplus" repair r1 r2 r3 $options
done
expect 1 "^$surplus" check r1 r2 r3
! grep -q "cimrepctl repair" said || fail "a repair that would be refused is advised"
cmp -n 33554432 r3 /dev/zero || fail "what is no copy was written to"
rm r3
for options in "" --replace --accept-missing; do
    # shellcheck disable=SC2086
    expect 1 "^cimrepctl: $surplus" repair r1 r2 r3 $options
    [ ! -e r3 ] || fail "a refused repair made a file"
done
expect 1 "^$surplus" check r1 r2 r3
! grep -q "cimrepctl repair" said || fail "a repair that would be refused is advised"

echo "a copy that has shrunk"
truncate -s 16M r2
cure="make r2 33554432 bytes large again, and repair then; or leave it out, and repair with another"
expect 1 "^  $cure" check r1 r2
! grep -q "mends" said || fail "a repair that can mend nothing is advised"
# Where its checkpoint would lie decides whether the first repair finds it stale.
expect 1 "$cure" repair r1 r2
for options in "" --replace; do
    # shellcheck disable=SC2086
    expect 1 "^cimrepctl: r2 has 16777216 bytes, a copy of this repository has 33554432: .*; $cure" \
        repair r1 r2 $options
done
truncate -s 32M r2
expect 0 "copy 1 was written anew; all copies that were given are whole now" repair r1 r2
expect 0 "all is well" check r1 r2

echo "a copy that is missing"
rm r1
expect 1 "^r2: whole, copy 1 of 2" check r2
expect 1 "copy 0 of 2 is missing" repair r2
expect 0 "copy 0 of 2 is recorded as stale" repair r2 --accept-missing
expect 1 "copy 0 of 2 is recorded as stale and none of these: .cimrepctl repair r2 NEW --replace" check r2
! grep -q "mends" said || fail "a repair that can mend nothing is advised"
expect 1 "^cimrepctl: copy 0 of 2 is stale and would not be upgraded: .*repair" upgrade r2
expect 0 "CopyState Synchronized" status --repository r2
truncate -s 32M r3
expect 1 "^cimrepctl: r3 is no copy of the repository: .*repair r2 r3 --replace" \
    mirror --source a --target b --repository r2,r3
expect 1 "copy 0 of 2 is recorded as stale and none of these: .cimrepctl repair r2 r3 --replace" check r2 r3
rm r3
cp r2 kept
expect 0 "copy 0 was written anew; all copies that were given are whole now" repair r2 NEW --replace
expect 0 "all is well" check r2 NEW
mv kept r2
rm NEW
expect 0 "^b is a copy of a: 0 bytes copied and flushed, 8 MiB compared" mirror --source a --target b --repository r2

echo "a difference that a verification has found"
printf 'x' | dd of=b bs=1 seek=1234567 conv=notrunc status=none
expect 1 "^b differs from a in 512 of\|^cimrepctl: b is no copy of a: CopyState" \
    verify a b --repository r2
cure="cimrepctl mirror --source a --target b --repository r2. "
grep -q "$cure" said || fail "what copies the difference is not told"
for options in "" --repair; do
    # shellcheck disable=SC2086
    expect 1 "^cimrepctl: b is no copy of a: CopyState .*; .$cure" verify a b --repository r2 $options
done
expect 0 "^b is a copy of a" mirror --source a --target b --repository r2 --overwrite
cmp a b

echo "a relationship that is ended"
rm -f r a b
head -c 8M /dev/urandom >a
truncate -s 8M b
expect 0 "r keeps the relationship" mirror --source a --target b --repository r
expect 1 "carries a copy of a cimrep repository" mirror --source a --target r
expect 1 "^cimrepctl: r keeps no relationship of b and a" detach --source b --target a --repository r
expect 0 "a and b are related no longer; b is a copy of a as it is now" detach --source a --target b --repository r
expect 0 "^r: closed in order by cimrepctl detach .*; 0 relationships" status --repository r
cmp a b
expect 0 "r keeps the relationship" mirror --source a --target b --repository r
rm b
expect 0 "CopyState was Broken: b is no copy of a as it is now" detach --source a --target b --repository r
expect 0 "; 0 relationships" status --repository r

echo "what cannot be believed is not repaired"
truncate -s 8M b
cp a b
rm -f r
expect 0 "r keeps the relationship" mirror --source a --target b --repository r --identical full
dd if=/dev/urandom of=r bs=4096 count=2 conv=notrunc status=none
sum=$(md5sum r)
expect 1 "^r: no copy of a repository; superblock 0: " check r
expect 1 "none of the devices given has a superblock" repair r
[ "$sum" = "$(md5sum r)" ] || fail "a repair without anything to believe wrote"

echo "a repository of an earlier version"
truncate -s "$(sed -n '1s/ bytes//p' "$data/repository_format_1.hex")" old
sed 1d "$data/repository_format_1.hex" | while IFS=: read -r at bytes; do
    # shellcheck disable=SC2059
    printf "$(sed 's/ /\\x/g' <<<"$bytes")" |
        dd of=old bs=1 seek=$((16#$at)) conv=notrunc status=none
done
expect 0 "features: none" check old
grep -q "an earlier version has made it; .cimrepctl upgrade old" said || fail "an upgrade is not named"
expect 0 "^features before: none, now: leg_evidence; points_in_time" upgrade old
expect 0 "^nothing to do" upgrade old
expect 0 '"features":\["leg_evidence","points_in_time"\]' --json check old
