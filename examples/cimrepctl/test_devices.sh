#!/usr/bin/env bash
# test_devices.sh CIMREPCTL: the demo over loop devices with 512 and 4096 byte sectors.
set -euo pipefail

program=$1
size=64M
skip() { echo "skipped: $*"; exit 0; }
[ "$(id -u)" -eq 0 ] || skip "loop devices need root"
[ -e /dev/loop-control ] || skip "loop devices: no /dev/loop-control"
command -v losetup >/dev/null || skip "loop devices: no losetup"

parent=/dev/shm
[ -d "$parent" ] || parent=${TMPDIR:-/tmp}
folder=$(mktemp -d "$parent/cimrepctl-devices-XXXXXX")
devices=()
nodes=()
mounted=
clean_up() {
    [ -z "$mounted" ] || umount "$mounted"
    for device in "${devices[@]}"; do losetup -d "$device" || true; done
    [ ${#nodes[@]} -eq 0 ] || rm -f "${nodes[@]}"
    rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# attach FILE SECTOR: sets `device`. Another process may take the free number between the two calls.
attach() {
    local attempt
    for attempt in $(seq 50); do
        device=$(losetup -f)
        # A container's /dev does not follow the kernel's.
        if [ ! -e "$device" ]; then
            mknod "$device" b 7 "${device#/dev/loop}"
            nodes+=("$device")
        fi
        if losetup --sector-size "$2" "$device" "$1" 2>"$folder/error"; then
            devices+=("$device")
            return
        fi
        sleep 0.05
    done
    skip "loop devices: $(cat "$folder/error")"
}

for sector in 512 4096; do
    truncate -s "$size" "$folder/source$sector"
    # A larger target, as they are in the field.
    truncate -s 80M "$folder/target$sector"
    attach "$folder/source$sector" "$sector"
    source=$device
    attach "$folder/target$sector" "$sector"
    target=$device
    echo "sectors of $sector bytes: $source and $target"
    "$program" demo --source "$source" --target "$target"
    # Both carry an ext4 file system now: that may not be lost unasked.
    if "$program" demo --source "$source" --target "$target" 2>"$folder/refusal"; then
        echo "a device with a file system was overwritten unasked"
        exit 1
    fi
    grep -q "ext4 filesystem.*--overwrite" "$folder/refusal"
    "$program" --json demo --source "$source" --target "$target" --overwrite >"$folder/lines"
    grep -q '"event":"finished"' "$folder/lines"
    cmp -n 67108864 "$source" "$target"
done

# refused_alike TEXT COMMAND...: with and without a repository in the same words, and at once.
refused_alike() {
    local text=$1 status
    shift
    for repository in "" "--repository=$folder/r"; do
        status=0
        # shellcheck disable=SC2086
        "$program" "$@" $repository >"$folder/said" 2>&1 || status=$?
        if [ "$status" -ne 1 ] || ! grep -q "^cimrepctl: $text: the element is in use" "$folder/said" ||
            grep -q waiting "$folder/said"; then
            echo "cimrepctl $* $repository: status $status, 1 is expected, with '$text'; it said:"
            cat "$folder/said"
            exit 1
        fi
    done
}

echo "what is in use for good is refused with its reason"
truncate -s 80M "$folder/other" "$folder/backing"
attach "$folder/backing" 512
mirrored=$device
"$program" mirror --source "$mirrored" --target "$folder/other" --repository "$folder/r"
# What a repository knows, and what it does not know yet, as source and as target.
refused_alike "$folder/backing is attached as $mirrored" \
    mirror --source "$folder/backing" --target "$folder/other"
refused_alike "$folder/backing is attached as $mirrored" \
    mirror --source "$folder/other" --target "$folder/backing"
PATH=$PATH:/usr/sbin:/sbin mkfs.ext4 -q -F "$mirrored"
mkdir "$folder/mount"
if ! mount "$mirrored" "$folder/mount" 2>"$folder/error"; then
    echo "skipped: a mounted device: $(cat "$folder/error")"
    exit 0
fi
mounted=$folder/mount
sum=$(md5sum <"$folder/r")
refused_alike "$mirrored is mounted on $mounted" mirror --source "$mirrored" --target "$folder/other"
refused_alike "$mirrored is mounted on $mounted" mirror --source "$folder/other" --target "$mirrored"
refused_alike "$mirrored is mounted on $mounted" verify "$mirrored" "$folder/other"
# A refusal leaves on record what was there: the pair is not Broken because of it.
[ "$sum" = "$(md5sum <"$folder/r")" ]
