/* What is said before the system asks for a password: exactly what it will show, so that nobody has to guess whether the
 * prompt is Portlight's. Pure: no widget, no clock. */
#include <glib/gi18n.h>
#include <string.h>

#include "failure-words.h"
#include "permission-words.h"

char *
pl_permission_words_prompt (const PlHelperLaunch *launch)
{
  g_autofree char *named = pl_helper_launch_dup_named (launch);

  /* no policy of ours on the host: pkexec's own words (its catalogue translates them) */
  if (launch->is_flatpak && strstr (named, launch->path) == NULL)
    /* Translators: the command, with its middle cut out, and the file’s whole path */
    return g_strdup_printf (_ ("The system will ask: “Authentication is needed to run `%1$s' as the super user”. That "
                               "is Portlight’s helper, where Flatpak installed it, a path too long for the prompt: "
                               "%2$s"),
                            named, launch->path);
  if (launch->is_flatpak)
    return g_strdup_printf (_ ("The system will ask: “Authentication is needed to run `%s' as the super user”. That "
                               "long path is Portlight’s helper, where Flatpak installed it."),
                            named);
  if (launch->pkexec == NULL)
    return NULL;
  if (launch->has_policy) /* the message of our policy, data/polkit */
    return g_strdup_printf (
        _ ("The system will ask: “Portlight wants to see which app talks to whom on the network. It "
           "gives up these rights as soon as its packet sockets are open.” What it starts is %s."),
        launch->path);
  return g_strdup_printf (_ ("The system will ask: “Authentication is needed to run `%s' as the super user”. That is "
                             "Portlight’s helper."),
                          named);
}

const char *
pl_permission_words_risk (void)
{
  return _ (
      "Take care: the system does not protect this file. Portlight is installed for one user only (or it cannot be "
      "told who may change it), so any program of that user could replace it, and what is there now will run as "
      "administrator. Continue only if you trust every program you run. To rule it out, install Portlight for all "
      "users, from its bundle or its address.");
}

const char *
pl_permission_words_mend (const PlHelperLaunch *launch)
{
  return pl_failure_install_for_all (launch);
}
