/* What mdlc and its helper mdl-hdf5 say to each other over a socket: messages of a tag, a length of four bytes (little-endian),
 * and that many bytes. Neither trusts the other: the helper runs a library on hostile files.
 *
 * `mdl-hdf5 read` gets the file as descriptor 3. It lists: H5_DATASET, H5_NAME, H5_ORDER in any number, then H5_LISTED. After
 * that it answers each H5_READ with H5_VALUES until all of the dataset has been sent. `mdl-hdf5 write` gets an empty file as
 * descriptor 3 and takes H5_NAME and, followed by its values, H5_DATASET; H5_END closes the file and is answered. At any time
 * either gets H5_FAULT instead of an answer. */
#ifndef MDLC_H5_PROTOCOL_H
#define MDLC_H5_PROTOCOL_H

enum {
    H5_DATASET = 'd', /* dtype, rank: a byte each; rank sizes of 8 bytes; the path */
    H5_NAME = 'n',    /* a group's path, NUL, the text of its attribute `name` */
    H5_ORDER = 'o',   /* a group's path, NUL, then the texts of `layer_names` or `weight_names`, a NUL behind each */
    H5_LISTED = 'l',
    H5_READ = 'r',    /* the number of a dataset in the list, four bytes */
    H5_VALUES = 'v',  /* bytes */
    H5_END = 'e',
    H5_FAULT = 'x',   /* words for people */
};

enum {
    H5_MAX_MESSAGE = 1 << 22, /* bytes after the length */
    H5_PIECE = 1 << 21,       /* of values */
    H5_PATIENCE = 60,         /* seconds without a message, after which the other is given up */
    H5_FILE = 3,              /* the descriptor of the file */
};

#endif
