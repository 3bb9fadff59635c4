/* dtypes and the types of HDF5. A bool is h5py's: an enum of FALSE and TRUE on a byte. */
#include <mdl/mdl_weights.h>

#include "hdf5_helper.h"

/* A float of 16 bits with so many of them for the exponent. */
static hid_t half(size_t exponent)
{
    const size_t mantissa = 15 - exponent;
    hid_t        t = H5Tcopy(H5T_IEEE_F32LE);
    H5Tset_fields(t, 15, mantissa, exponent, 0, mantissa);
    H5Tset_size(t, 2);
    H5Tset_ebias(t, ((size_t)1 << (exponent - 1)) - 1);
    return t;
}

static hid_t boolean(void)
{
    hid_t       t = H5Tenum_create(H5T_STD_I8LE);
    signed char value = 0;
    H5Tenum_insert(t, "FALSE", &value);
    value = 1;
    H5Tenum_insert(t, "TRUE", &value);
    return t;
}

hid_t type_of_dtype(int dtype)
{
    switch (dtype) {
    case MDL_FLOAT32: return H5Tcopy(H5T_IEEE_F32LE);
    case MDL_FLOAT64: return H5Tcopy(H5T_IEEE_F64LE);
    case MDL_FLOAT16: return half(5);
    case MDL_BFLOAT16: return half(8);
    case MDL_INT8: return H5Tcopy(H5T_STD_I8LE);
    case MDL_UINT8: return H5Tcopy(H5T_STD_U8LE);
    case MDL_INT16: return H5Tcopy(H5T_STD_I16LE);
    case MDL_INT32: return H5Tcopy(H5T_STD_I32LE);
    case MDL_INT64: return H5Tcopy(H5T_STD_I64LE);
    case MDL_BOOL: return boolean();
    case MDL_U16: return H5Tcopy(H5T_STD_U16LE);
    case MDL_U32: return H5Tcopy(H5T_STD_U32LE);
    case MDL_U64: return H5Tcopy(H5T_STD_U64LE);
    default: return -1;
    }
}

size_t size_of_dtype(int dtype)
{
    hid_t        t = type_of_dtype(dtype);
    const size_t size = t < 0 ? 0 : H5Tget_size(t);
    if (t >= 0) H5Tclose(t);
    return size;
}

static int dtype_of_float(hid_t type)
{
    size_t sign, exponent, width, mantissa, bits;
    if (H5Tget_fields(type, &sign, &exponent, &width, &mantissa, &bits) < 0) return -1;
    switch (H5Tget_size(type)) {
    case 2: return width == 5 && bits == 10 ? MDL_FLOAT16 : width == 8 && bits == 7 ? MDL_BFLOAT16 : -1;
    case 4: return width == 8 && bits == 23 ? MDL_FLOAT32 : -1;
    case 8: return width == 11 && bits == 52 ? MDL_FLOAT64 : -1;
    default: return -1;
    }
}

int dtype_of_type(hid_t type)
{
    const size_t size = H5Tget_size(type);
    const bool   is_signed = H5Tget_sign(type) == H5T_SGN_2;
    switch (H5Tget_class(type)) {
    case H5T_FLOAT: return dtype_of_float(type);
    case H5T_INTEGER:
        switch (size) {
        case 1: return is_signed ? MDL_INT8 : MDL_UINT8;
        case 2: return is_signed ? MDL_INT16 : (int)MDL_U16;
        case 4: return is_signed ? MDL_INT32 : (int)MDL_U32;
        case 8: return is_signed ? MDL_INT64 : (int)MDL_U64;
        default: return -1;
        }
    case H5T_ENUM: return size == 1 && H5Tget_nmembers(type) == 2 ? (int)MDL_BOOL : -1;
    case H5T_OPAQUE:
        return size == 2 ? (int)MDL_BFLOAT16 : -1; /* so h5py stores ml_dtypes' bfloat16, and nothing else */
    default: return -1;
    }
}
