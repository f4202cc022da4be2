/* The last stage: only the system calls of one of the two loops are left, with the descriptors they use. A packet socket can be
 * read, not written to. What libpcap or libc may harmlessly try gets EPERM, everything else kills the process. For x86_64 and
 * aarch64; elsewhere, and in builds with a sanitizer, whose runtime needs more, there is no such stage, and that is said. */
#include "helper.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined __x86_64__ && !PL_HELPER_IS_SANITIZED
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__ && !PL_HELPER_IS_SANITIZED
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#ifdef ARCHITECTURE
struct rule /* a call that satisfies the condition gets its action; else the next rule is tried */
{
  int call, test; /* of the argument's low 32 bits */
  uint32_t argument, value;
  bool refuse; /* EPERM instead of allowed */
};
#define LACKS 0 /* none of the value's bits; without a value any will do */
#define IS 1 /* equal to the value */

/* clang-format off */
#define COMMON \
  { SYS_ppoll }, { SYS_clock_gettime }, { SYS_gettimeofday }, { SYS_restart_syscall }, { SYS_rt_sigreturn }, { SYS_exit }, \
  { SYS_rt_sigprocmask }, { SYS_exit_group }, { SYS_brk }, { SYS_munmap }, { SYS_mremap }, { SYS_madvise }, { SYS_futex }, \
  { SYS_getrandom }, { SYS_mmap, LACKS, 2, PROT_EXEC }, { SYS_mprotect, LACKS, 2, PROT_EXEC }, \
  { SYS_write, IS, 0, STDERR_FILENO }, { SYS_sendto, IS, 0, STDIN_FILENO }

static const struct rule capture_rules[] = {
  COMMON, { SYS_getsockopt }, { SYS_setsockopt, IS, 2, SO_ATTACH_FILTER }, { SYS_close }, { SYS_dup3, IS, 1, STDOUT_FILENO },
  { SYS_read, IS, 0, STDIN_FILENO }, { SYS_write, IS, 0, STDOUT_FILENO }, { SYS_recvmsg, IS, 0, STDIN_FILENO },
  { SYS_fcntl, IS, 1, F_GETFL }, { SYS_fcntl, IS, 1, F_SETFL }, { SYS_fcntl, IS, 1, F_SETPIPE_SZ },
#ifdef __x86_64__ /* calls that newer architectures never had */
  { SYS_poll }, { SYS_dup2, IS, 1, STDOUT_FILENO }, /* musl's dup3() */
#endif
  { SYS_ioctl, .refuse = true }, { SYS_fcntl, .refuse = true }, { SYS_openat, .refuse = true },
  { SYS_newfstatat, .refuse = true }, { SYS_fstat, .refuse = true }, { SYS_prctl, .refuse = true },
};

static const struct rule owner_rules[] = {
  COMMON, { SYS_recvfrom }, { SYS_read }, { SYS_close }, { SYS_readlinkat }, { SYS_getdents64 }, { SYS_lseek },
  { SYS_openat, LACKS, 2, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC }, { SYS_newfstatat }, { SYS_fstat }, /* O_ACCMODE of musl has O_PATH in it */
  { SYS_fcntl, IS, 1, F_GETFL }, { SYS_fcntl, IS, 1, F_SETFD },
#ifdef __x86_64__
  { SYS_poll }, { SYS_open, LACKS, 1, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC }, { SYS_stat },
#endif
  { SYS_ioctl, .refuse = true }, { SYS_prctl, .refuse = true }, { SYS_statx, .refuse = true },
};
/* clang-format on */

#define JUMP(test, value, yes, no) (struct sock_filter) BPF_JUMP (BPF_JMP | test | BPF_K, value, yes, no)
#define RULE_INSTRUCTIONS 5
#define RETURN(action) (struct sock_filter) BPF_STMT (BPF_RET | BPF_K, action)
#define N(rules) (sizeof (rules) / sizeof *(rules))
#define LOAD(field) (struct sock_filter) BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, field))

static void
compile_rule (struct sock_filter *code, const struct rule *rule)
{
  uint32_t action = rule->refuse ? SECCOMP_RET_ERRNO | EPERM : SECCOMP_RET_ALLOW, value = rule->value;

  code[0] = JUMP (BPF_JEQ, rule->call, 0, 4);
  code[1] = LOAD (args[0]); /* its low half */
  code[1].k += rule->argument * sizeof (uint64_t) + (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0);
  code[2] = rule->test == IS ? JUMP (BPF_JEQ, value, 0, 1) : JUMP (BPF_JSET, value, 1, 0);
  code[3] = RETURN (action);
  code[4] = LOAD (nr); /* back for the next rule */
}
#endif

void
pl_seccomp_confine (bool is_owner)
{
#ifndef ARCHITECTURE
  dprintf (STDERR_FILENO, "portlight-helper: runs without seccomp (a processor or a build it is not made for)\n");
#else
  const struct rule *rules = is_owner ? owner_rules : capture_rules;
  int n_rules = is_owner ? N (owner_rules) : N (capture_rules), n = 4;
  struct sock_filter code[5 + RULE_INSTRUCTIONS * (N (owner_rules) + N (capture_rules))] = {
    LOAD (arch), JUMP (BPF_JEQ, ARCHITECTURE, 1, 0), RETURN (SECCOMP_RET_KILL_PROCESS),
    LOAD (nr), /* x32 calls have bit 30 set: no rule matches them */
  };

  for (int i = 0; i < n_rules; i++, n += RULE_INSTRUCTIONS)
    compile_rule (code + n, &rules[i]);
  code[n++] = RETURN (SECCOMP_RET_KILL_PROCESS);
  struct sock_fprog program = { .len = n, .filter = code };
  if (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) != 0)
    pl_fail (PL_HELPER_EXIT_FAILED, "cannot bar system calls (seccomp: %s), so it does not start", strerror (errno));
#endif
}
