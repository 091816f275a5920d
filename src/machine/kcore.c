// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * /proc/kcore: the kernel's memory as an ELF64 core file. Each PT_LOAD program
 * header maps a range of kernel addresses to a range of the file (fs/proc/kcore.c,
 * read_kcore_iter()). The file is not trusted: every sum is checked.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "machine/kernel.h"

/* Exactly @size bytes at @offset: 0, -errno, or -EIO if the file is shorter. */
static int pread_exact(int fd, void *buf, size_t size, uint64_t offset)
{
	char *to = buf;

	if (offset > INT64_MAX - size)
		return -EINVAL;
	while (size > 0) {
		ssize_t n = pread(fd, to, size, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EIO;
		to += n;
		offset += n;
		size -= n;
	}
	return 0;
}

static int read_header(int fd, Elf64_Ehdr *ehdr)
{
	int err = pread_exact(fd, ehdr, sizeof(*ehdr), 0);

	if (err)
		return err;
	if (memcmp(ehdr->e_ident, ELFMAG, SELFMAG) ||
	    ehdr->e_ident[EI_CLASS] != ELFCLASS64 ||
	    ehdr->e_type != ET_CORE || ehdr->e_phentsize != sizeof(Elf64_Phdr))
		return -ENOEXEC;
	return 0;
}

/* Find the @size bytes at @address in the file: 0, -errno, -ENXIO if they are not in it. */
static int find_offset(int fd, uint64_t address, uint64_t size, uint64_t *offset)
{
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr;
	int err = read_header(fd, &ehdr);

	for (unsigned int i = 0; !err && i < ehdr.e_phnum; i++) {
		uint64_t within;

		err = pread_exact(fd, &phdr, sizeof(phdr),
				  ehdr.e_phoff + i * sizeof(phdr));
		if (err || phdr.p_type != PT_LOAD || address < phdr.p_vaddr)
			continue;
		within = address - phdr.p_vaddr;
		if (within > phdr.p_filesz || size > phdr.p_filesz - within)
			continue;
		if (__builtin_add_overflow(phdr.p_offset, within, offset))
			return -EINVAL;
		return 0;
	}
	return err ? err : -ENXIO;
}

/*
 * Copy @size bytes of kernel memory at @address from the core file @path
 * (/proc/kcore) to @buf. Returns 0 or -errno: -ENOENT on a kernel without
 * CONFIG_PROC_KCORE, -EPERM or -EACCES without CAP_SYS_RAWIO or under lockdown
 * (open_kcore()), -ENOEXEC for a file that is no 64-bit core, -ENXIO for an
 * address that is not in it.
 */
int kcore_read(const char *path, uint64_t address, void *buf, int size)
{
	uint64_t offset;
	int err;
	int fd;

	if (size <= 0)
		return -EINVAL;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = find_offset(fd, address, size, &offset);
	if (!err)
		err = pread_exact(fd, buf, size, offset);
	close(fd);
	return err;
}
