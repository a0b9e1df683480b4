/* What the HDF5 writer and reader share. Only hdf5*.c include this. */
#ifndef FILES_HDF5_PRIVATE_H
#define FILES_HDF5_PRIVATE_H

#define H5_USE_110_API /* newer libraries keep this interface */
#include <hdf5.h>
#include <hdf5_hl.h>

#include "base/bug.h" /* after hdf5.h, which names what it bans */
#include "files/hdf5.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "files and digests are little-endian");

/* HDF5 prints its errors unless told otherwise; the setting is the library's, so it is made before
 * each use. */
void hdf5_silence(void);

/* Sets an error followed by what HDF5 says went wrong innermost; always returns false. */
bool hdf5_error(struct error *e, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Closes an object of any kind; ids that are not open are ignored. */
void hdf5_close(hid_t id);

/* The type in the file, which is the type in memory too. */
hid_t hdf5_type(enum store_type type);

#endif
