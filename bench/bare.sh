#!/usr/bin/env bash
# The README's two commands on a bare Debian: a minbase tree with only make, git and ca-certificates added, entered with
# unshare and pivot_root. Times each command and lists what it installed. Needs root and debootstrap.
#   bench/bare.sh [SUITE] [FOLDER]      bookworm by default; FOLDER keeps the plain tree for the next run
set -euo pipefail
suite=${1:-bookworm}
folder=${2:-$(mktemp -d /var/tmp/mediateka-bare.XXXXXX)}
here=$(git -C "$(dirname "$0")/.." rev-parse --show-toplevel)
plain=$folder/$suite
tree=$folder/tree

mkdir -p "$folder"
if [ ! -e "$plain/etc/debian_version" ]; then
    debootstrap --variant=minbase --include=make,git,ca-certificates "$suite" "$plain" >"$folder/debootstrap.log" 2>&1
fi
rm -rf "$tree"
cp -a "$plain" "$tree"

# How this machine reaches its package archives: names, trust and clients' settings, nothing installed.
for file in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/npmrc /root/.npmrc /etc/ssl/certs/ca-certificates.crt; do
    [ -e "$file" ] && install -D "$(readlink -f "$file")" "$tree$file"
done
cp -r /etc/apt/apt.conf.d/*proxy* "$tree/etc/apt/apt.conf.d/" 2>/dev/null || true
cp -r /usr/local/share/ca-certificates "$tree/usr/local/share/" # Java makes a store of its own from these
chroot "$tree" update-ca-certificates >/dev/null 2>&1

git clone -q "$here" "$tree/root/mediateka/main"
[ -d "$here/../shared/media" ] && mkdir -p "$tree/root/mediateka/shared" && cp -r "$here/../shared/media" "$tree/root/mediateka/shared/"

cat > "$tree/root/inside.sh" <<'INSIDE'
set -euo pipefail
export HOME=/root/home LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mkdir -p "$HOME"
[ -e /root/.npmrc ] && cp /root/.npmrc "$HOME/"
cd /root/mediateka/main
dpkg-query -Wf '${Package}\n' | sort > /root/before
start=$(date +%s)
make run PORT=8123 > /root/run.log 2>&1 &
until grep -q 'Mediateka is at' /root/run.log; do
    kill -0 $! 2>/dev/null || { cat /root/run.log; exit 1; }
    sleep 1
done
echo "make run: serving after $(($(date +%s) - start)) s"
tail -n 4 /root/run.log
for process in /proc/[0-9]*; do # there is no pgrep here
    if tr '\0' ' ' <"$process/cmdline" 2>/dev/null | grep -q 'bin/mediateka serve'; then
        kill -TERM "${process#/proc/}"
        break
    fi
done
wait || true
dpkg-query -Wf '${Package}\n' | sort > /root/after-run
echo "installed by make run: $(comm -13 /root/before /root/after-run | wc -l) packages: $(comm -13 /root/before /root/after-run | tr '\n' ' ')"
start=$(date +%s)
if make test > /root/test.log 2>&1; then verdict=passed; else verdict=FAILED; fi
echo "make test: $verdict after $(($(date +%s) - start)) s"
tail -n 25 /root/test.log
dpkg-query -Wf '${Package}\n' | sort > /root/after-test
echo "installed by make test besides: $(comm -13 /root/after-run /root/after-test | wc -l) packages"
[ "$verdict" = passed ]
INSIDE

# A mount and process namespace of its own; the old root is gone once we are inside.
export tree
unshare --mount --pid --fork --kill-child bash -euc '
    mount --make-rprivate /
    mount --bind "$tree" "$tree"
    mount -t proc proc "$tree/proc"
    mount --rbind /dev "$tree/dev"
    mount -t sysfs sysfs "$tree/sys" 2>/dev/null || mount --rbind /sys "$tree/sys"
    mount -t tmpfs tmpfs "$tree/tmp"
    mkdir -p "$tree/old"
    cd "$tree"
    pivot_root . old
    umount -l /old
    exec bash /root/inside.sh
' 2>&1 | tee "$folder/figures.txt"
exit "${PIPESTATUS[0]}"
