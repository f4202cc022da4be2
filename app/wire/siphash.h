/* SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF"; one round a word, three at the end, as in
 * the Linux kernel's and Rust's tables): a keyed hash, so that nobody who lacks the key can aim at one bucket. libc only. */
#pragma once
#include <stddef.h>
#include <stdint.h>

uint64_t pl_siphash13 (const void *data, size_t n_bytes, const uint64_t secret[2]);

/* Two words nobody can guess. */
void pl_siphash_secret (uint64_t secret[2]);
