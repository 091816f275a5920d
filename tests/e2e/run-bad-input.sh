#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Bad input to `tlbsync run`, one by one: the right exit status, one clear line on
# standard error, and no file left behind, neither whole nor half nor temporary.
# shellcheck disable=SC2317 # called by promise
set -u

# shellcheck source=tests/e2e/measure.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/measure.sh"

# Options that keep a run short, should it start after all.
short=(-w munmap:size=4K -p alone --ops 20)

# said STATUS WORDS: one line on standard error that holds WORDS, nothing on standard
# output, exit STATUS.
said()
{
	[ "$code" -eq "$1" ] || { echo "exit status $code, not $1"; return 1; }
	[ ! -s "$out" ] || { echo "on standard output:"; cat "$out"; return 1; }
	[ "$(wc -l <"$err")" -eq 1 ] || { echo "not one line"; return 1; }
	grep -qF -- "$2" "$err" || { echo "it does not say: $2"; return 1; }
}

# refuses STATUS WORDS ARGUMENT...: in a folder of its own, which stays empty.
refuses()
{
	local status=$1 words=$2
	shift 2

	mkdir -p "$scratch/here"
	cd "$scratch/here" || return 1
	in_turn "$tlbsync" run "$@"
	cd - >/dev/null || return 1
	said "$status" "$words" && [ -z "$(ls -A "$scratch/here")" ]
}

a_folder_stays_empty()
{
	mkdir "$scratch/folder"
	refuses 3 "it is a directory" "${short[@]}" -o "$scratch/folder" &&
		refuses 3 "names a folder" "${short[@]}" -o "$scratch/nothing/" &&
		[ -z "$(ls -A "$scratch/folder")" ]
}

a_device_stays_one()
{
	refuses 3 "not a regular file" "${short[@]}" -o /dev/null && [ -c /dev/null ]
}

a_file_is_no_folder()
{
	echo "mine" >"$scratch/file"
	refuses 3 "$scratch/file" "${short[@]}" -o "$scratch/file/record.json" &&
		refuses 3 "$scratch/file" "${short[@]}" --results-dir "$scratch/file" &&
		[ "$(cat "$scratch/file")" = mine ]
}

# A filesystem of 64 KiB, full, in a mount namespace of its own; and an old record.
on_a_full_filesystem()
{
	mkdir -p "$scratch/full"
	# shellcheck disable=SC2016 # expanded there
	in_turn unshare -m sh -c '
		mount -t tmpfs -o size=64k tmpfs "$1" || exit 99
		echo mine >"$1/old"
		cat /dev/zero >"$1/filler" 2>/dev/null
		ls -A "$1" >"$1.before"
		"$2" run -w munmap:size=4K -p alone --ops 20 -o "$1/$3"
		code=$?
		ls -A "$1" | cmp -s - "$1.before" || exit 98
		[ "$(cat "$1/old")" = mine ] || exit 97
		exit $code' - "$scratch/full" "$tlbsync" "$1"
	said 3 "No space left on device"
}

# Without the lab's patch, or without debugfs, there is nothing to flip.
flips_nothing()
{
	[ -e /sys/kernel/debug/tlbsync/key ] || refuses 77 "--flip-key: " --flip-key "${short[@]}"
}

output_that_cannot_be_written()
{
	await_turn
	code=0
	"$tlbsync" run "${short[@]}" -o "$record" 2>"$err" >/dev/full || code=$?
	[ "$code" -eq 3 ] && grep -q "cannot print" "$err"
}

as_nobody_elsewhere()
{
	cp "$tlbsync" "$scratch/tlbsync"
	chmod 755 "$scratch" "$scratch/tlbsync"
	mkdir -m 755 "$scratch/roots"
	in_turn as_nobody "$scratch/tlbsync" run "${short[@]}" -o "$scratch/roots/record.json"
	[ "$code" -eq 3 ] && [ ! -s "$out" ] && grep -q "Permission denied" "$err" &&
		[ -z "$(ls -A "$scratch/roots")" ]
}

# It may have so few files open that at one number the socket is the first that it lacks.
no_socket()
{
	local files

	for files in 4 5 6 7 8 9 10; do
		# shellcheck disable=SC2016 # expanded there
		in_turn sh -c 'ulimit -n "$0" && exec "$@"' "$files" "$tlbsync" run "${short[@]}" \
			--counter none -o "$scratch/socketless.json"
		[ ! -e "$scratch/socketless.json" ] || return 1
		said 3 "cannot make sure that no other run measures on this machine" && return
	done
	return 1
}

await_turn
settings >"$scratch/before"

promise "an unknown workload: the nearest is named" \
	refuses 2 "unknown workload 'colapse-madvise'; did you mean 'collapse-madvise'?" -w colapse-madvise
promise "a word like no workload: where to look" refuses 2 "(see tlbsync list)" -w xyzzy
promise "one bad workload in a list" refuses 2 "did you mean 'munmap'?" -w munmap,munmapp
promise "an empty workload" refuses 2 "unknown workload ''" -w ''
promise "an unknown placement: the nearest is named" \
	refuses 2 "unknown placement 'alon'; did you mean 'alone'?" -p alon
promise "unknown memory: the nearest is named" refuses 2 "did you mean 'remote'?" -p alone@remot
promise "roles without an initiator" refuses 2 "belongs to no initiator" -p responder=1
promise "too many initiators" refuses 2 "at most 1024 initiators" -p initiator=0-1024
promise "a CPU with two roles" refuses 2 "CPU 0 is given twice" -p initiator=0,responder=0
promise "an unknown role: the nearest is named" \
	refuses 2 "did you mean 'bystander'?" -p initiator=0,bystandr=1
promise "a bad CPU list" refuses 2 "is no CPU list" -p initiator=0,responder=5-2
promise "a CPU that is not there: nothing is measured" \
	refuses 2 "there is no CPU 8191" -w munmap:size=4K -p alone,initiator=0,responder=8191
promise "an unknown profile: the nearest is named" \
	refuses 2 "unknown profile 'ful'; did you mean 'full'?" --profile ful
promise "an unknown counter: all are named" \
	refuses 2 "takes auto, csd, interrupts or none, not 'cds'" --counter cds
promise "an unknown parameter: the nearest is named" \
	refuses 2 "unknown parameter 'siez'; did you mean 'size'?" -w munmap:siez=4K
promise "a parameter of another workload" \
	refuses 2 "unknown parameter 'size'" -w collapse-madvise:size=4K
for value in 0 1 4097 -4K 2G 4KB '' x; do
	promise "munmap:size=$value: the range is told" \
		refuses 2 "takes 4096 to 1073741824 in multiples of 4096, not '$value'" -w "munmap:size=$value"
done
for value in 0 -1 -5 ten 1.5 1e3 0x10 '' ' 5' 100000001 99999999999999999999; do
	promise "--ops '$value': the range is told" \
		refuses 2 "takes a whole number from 1 to 100000000, not '$value'" --ops "$value"
done
for option in --ops -w -p --profile --counter -o --results-dir; do
	promise "$option without a value" refuses 2 "a value is missing after '$option'" "$option"
done
promise "blocks that are no whole turns of off, on, on, off" \
	refuses 2 "a multiple of 4 up to 4096, not '6'" --flip-key=6
promise "a key that nobody can flip" flips_nothing
promise "an unknown option" refuses 2 "unknown option '--opps'" --opps 5
promise "an unknown letter" refuses 2 "unknown option '-x'" -x
promise "a word too many" refuses 2 "what is 'munmap'?" munmap

promise "-o a folder: refused, and it stays empty" a_folder_stays_empty
promise "-o a device: refused, and it stays one" a_device_stays_one
promise "-o below a file: refused, and it stays as it was" a_file_is_no_folder
promise "-o in a folder that is not there: refused, and it is not made" \
	refuses 3 "'$scratch/none'" "${short[@]}" -o "$scratch/none/record.json"
promise "--results-dir whose parent is not there: refused" \
	refuses 3 "cannot make the folder $scratch/none/results" "${short[@]}" --results-dir "$scratch/none/results"
promise "-o ''" refuses 3 "the name is empty" "${short[@]}" -o ''
promise "without a socket others could measure as well: refused" no_socket
[ ! -w /dev/full ] || promise "a table that cannot be printed is exit 3, and said" output_that_cannot_be_written

if [ "$(id -u)" -ne 0 ]; then
	note "a full filesystem and another user's folder: both take root"
else
	if unshare -m mount -t tmpfs tmpfs "$scratch" 2>/dev/null; then
		promise "on a full filesystem: exit 3, and no file more or less" on_a_full_filesystem new
		promise "on a full filesystem an old file stays as it was" on_a_full_filesystem old
	else
		note "a full filesystem: mounting one is forbidden here"
	fi
	if command -v setpriv >/dev/null; then
		promise "-o in another user's folder: exit 3, and no file in it" as_nobody_elsewhere
	else
		note "another user's folder takes setpriv"
	fi
fi
promise "all settings have their old values" restored "$scratch/before"
conclude
