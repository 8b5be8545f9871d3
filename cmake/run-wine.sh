#!/bin/sh
# run-wine.sh PROGRAM.exe ARGUMENTS...: runs it headless in a private prefix; its exit status is ours.
: "${WINEPREFIX:=${XDG_CACHE_HOME:-$HOME/.cache}/cimrep-wine}"
export WINEPREFIX
export WINEDEBUG="${WINEDEBUG:--all}" WINEDLLOVERRIDES="mscoree,mshtml=;winemenubuilder.exe=d"
unset DISPLAY WAYLAND_DISPLAY
wine=$(command -v wine64 || command -v wine || echo /usr/lib/wine/wine64)
server=$(command -v wineserver || echo /usr/lib/wine/wineserver64)
if [ ! -f "$WINEPREFIX/system.reg" ]; then
    # Several tests may start at once; one of them makes the prefix.
    mkdir -p "$WINEPREFIX"
    (
        flock 9
        [ -f "$WINEPREFIX/system.reg" ] || { "$wine" wineboot --init >/dev/null 2>&1; "$server" -w; }
    ) 9>"$WINEPREFIX/.lock"
fi
exec "$wine" "$@"
