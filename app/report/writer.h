/* Buffered output to a descriptor, whatever the locale. The first fault is remembered and everything after it is thrown
 * away, so that a writer of a million lines asks once at the end. Main thread; never allocates after its making. */
#pragma once
#include <glib.h>

typedef struct _PlWriter PlWriter;

/* @fd stays the caller's. */
PlWriter *pl_writer_new (int fd);
void pl_writer_free (PlWriter *self); /* flushes; ask pl_writer_flush() first to know whether it worked */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PlWriter, pl_writer_free)

void pl_writer_bytes (PlWriter *self, const char *bytes, gsize n_bytes);
void pl_writer_text (PlWriter *self, const char *text);
void pl_writer_char (PlWriter *self, char character);
void pl_writer_u64 (PlWriter *self, guint64 number);
void pl_writer_fill (PlWriter *self, char character, guint count);
/* 0, or the errno of the first write that failed. */
int pl_writer_get_error (PlWriter *self);
/* Writes what is buffered; returns as pl_writer_get_error(). */
int pl_writer_flush (PlWriter *self);
