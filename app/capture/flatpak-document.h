/* Files that the document portal lets a sandbox see. Any thread.
 * https://flatpak.github.io/xdg-desktop-portal/docs/doc-org.freedesktop.portal.Documents.html */
#pragma once
#include <glib.h>

/* (transfer full): the folder in which the portal shows each document in a folder of its own. */
char *pl_flatpak_document_dup_root (void);
/* (transfer full): where @path is to be opened. What a symbolic link leads to is a document under that file's own name, but
 * who chose the link is handed the link's name (xdg-document-portal 1.16), under which nothing is there. */
char *pl_flatpak_document_find (const char *path, const char *root);
/* Whether @path is of a document. */
gboolean pl_flatpak_document_has (const char *path, const char *root);
