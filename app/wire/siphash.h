/* SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF"; one round a word, three at the end, as in
 * the Linux kernel's and Rust's tables): a keyed hash, so that nobody who lacks the key can aim at one bucket. libc only. */
#pragma once
#include <stddef.h>
#include <stdint.h>

uint64_t pl_siphash13 (const void *data, size_t n_bytes, const uint64_t secret[2]);

/* The same of 18 bytes, given as numbers: the size of an IPv4 flow's key. */
uint64_t pl_siphash13_18 (uint64_t word_1, uint64_t word_2, uint16_t tail, const uint64_t secret[2]);

/* Two words nobody can guess. */
void pl_siphash_secret (uint64_t secret[2]);
