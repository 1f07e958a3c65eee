// The few lines of shell that run on machines; any POSIX shell with coreutils or busybox takes them.

/** Writes its input to the file $1 with mode $2, whole or not at all; $3 is how many bytes there are to be. */
export const receiveScript = `
umask 022
mkdir -p -- "$(dirname -- "$1")" || exit 1
part="$1.$$.tmp"
(umask 077 && cat >"$part") || { rm -f -- "$part"; exit 1; }
if [ "$(wc -c <"$part")" -ne "$3" ]; then
  rm -f -- "$part"
  echo "the connection ended before all of $1 was there" >&2
  exit 1
fi
chmod "$2" "$part" && { sync "$part" 2>/dev/null || :; } && mv -f -- "$part" "$1"
`;

/** The file $1 in base64; 44 where there is none. */
export const readScript = `
[ -e "$1" ] || exit 44
base64 <"$1"
`;

/** Kills every process with $1 in its environment. */
export const killScript = `
for file in $(grep -l -a -F -e "$1" /proc/[0-9]*/environ 2>/dev/null); do
  pid=\${file#/proc/}
  kill -KILL "\${pid%/environ}" 2>/dev/null
done
:
`;
