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
clean_up() {
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
