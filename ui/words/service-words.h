/* What the ports of services are for, for those who do not know the services' names. Pure. */
#pragma once

/* What @service is for, "reading mail, encrypted"; as pl_service_title() names it. NULL for NULL, and for one that is not widely used.
 * Static. */
const char *pl_words_purpose (const char *service);
