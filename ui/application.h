/* The one object of the window program: command line, files, actions of the whole app, style. */
#pragma once
#include <adwaita.h>
#include "helper-keeper.h"

#define PL_TYPE_APPLICATION (pl_application_get_type ())
G_DECLARE_FINAL_TYPE (PlApplication, pl_application, PL, APPLICATION, AdwApplication)

PlApplication *pl_application_new (void);
/* (transfer none) (nullable): NULL where the schema is not installed */
GSettings *pl_application_get_settings (PlApplication *self);
/* (transfer none): of the one helper that all windows capture with, so that the password is asked for once */
PlHelperKeeper *pl_application_get_helper_keeper (PlApplication *self);
