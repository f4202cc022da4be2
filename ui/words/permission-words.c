/* What is said before the system asks for a password: exactly what it will show, so that nobody has to guess whether the
 * prompt is Portlight's. Pure: no widget, no clock. */
#include <glib/gi18n.h>
#include <string.h>

#include "failure-words.h"
#include "permission-words.h"
#include "portlight-config.h"

/* The message of our policy (data/polkit). polkitd, too, looks for it in our catalogue, but in the system's folder alone. */
static const char *
get_own_prompt (void)
{
  static const char prompt[] = N_ ("Portlight wants to see which app talks to whom on the network. It gives up these "
                                   "rights as soon as its packet sockets are open.");

  return g_str_equal (PL_LOCALEDIR, "/usr/share/locale") ? _ (prompt) : prompt;
}

char *
pl_permission_words_prompt (const PlHelperLaunch *launch)
{
  g_autofree char *named = pl_helper_launch_dup_named (launch);
  g_autofree char *general = pl_helper_launch_dup_prompt (launch);

  if (launch->is_flatpak && strstr (named, launch->path) == NULL)
    /* Translators: the system’s own words, and the file’s whole path */
    return g_strdup_printf (_ ("The system will ask: “%1$s”. That is Portlight’s helper, where Flatpak installed it, a "
                               "path too long for the prompt: %2$s"),
                            general, launch->path);
  if (launch->is_flatpak)
    /* Translators: the system’s own words */
    return g_strdup_printf (
        _ ("The system will ask: “%s”. That long path is Portlight’s helper, where Flatpak installed it."), general);
  if (launch->pkexec == NULL)
    return NULL;
  if (launch->has_policy)
    /* Translators: the system’s own words, and a file’s path */
    return g_strdup_printf (_ ("The system will ask: “%1$s” What it starts is %2$s."), get_own_prompt (), launch->path);
  /* Translators: the system’s own words */
  return g_strdup_printf (_ ("The system will ask: “%s”. That is Portlight’s helper."), general);
}

const char *
pl_permission_words_risk (void)
{
  return _ (
      "Take care: the system does not protect this file. Portlight is installed for one user only (or it cannot be "
      "told who may change it), so any program of that user could replace it, and what is there now will run as "
      "administrator. Continue only if you trust every program you run. To rule it out, install Portlight for all "
      "users, from its bundle or its address, then quit it and open it anew.");
}

const char *
pl_permission_words_mend (const PlHelperLaunch *launch, const char *origin)
{
  return pl_failure_install_for_all (launch, origin);
}
