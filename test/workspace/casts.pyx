# cython: language_level=3
"""Hands memory between Python and a C library: the casts here are the ones that people get wrong."""
cimport numpy as np
from cpython.ref cimport PyObject
from libc.stdint cimport uintptr_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy


cdef class Buffer:
    def __cinit__(self, size_t size):
        self.address = malloc(size)
        self.size = size
        self.on_free = None

    def copy_from(self, address, size_t count):
        # Wrong: `address` is a Python int, and this copies the int object itself.
        memcpy(self.address, <void*>address, min(count, self.size))

    def copy_from_number(self, address, size_t count):
        # Right: the number that the int holds, and then a pointer.
        memcpy(self.address, <void*><size_t>address, min(count, self.size))

    def copy_from_typed(self, size_t address, size_t count):
        # Right: the argument is a C integer.
        memcpy(self.address, <void*>address, min(count, self.size))

    def copy_from_bytes(self, bytes source):
        # Wrong: the header of the bytes object.
        memcpy(self.address, <void*>source, len(source))

    def copy_from_array(self, np.ndarray source):
        # Right: the elements of a typed array.
        memcpy(self.address, <void*>source.data, min(<size_t>source.size, self.size))

    def copy_from_tensor(self, tensor):
        # Wrong: `data` of something untyped is one more Python object.
        memcpy(self.address, <void*>tensor.data, self.size)

    def identity(self):
        # Intended: which object it is, not what it holds.
        return <uintptr_t><void*>self

    def register(self):
        # Intended: the library hands the object back to the callback.
        on_release(release, <void*>self)

    def __dealloc__(self):
        free(self.address)


cdef void release(void* data) noexcept:
    (<Buffer>data).on_free = True


cdef void on_release(void (*callback)(void*) noexcept, void* data):
    callback(data)


def first(samples):
    # Wrong: a pointer to a struct is taken from an object in the same way.
    return (<Sample*>samples).value


def compare(left, right):
    # Two comparisons, not a cast.
    return left < right > 0


def borrowed(value):
    # Intended: a pointer to the object, as CPython's own functions have it.
    return (<PyObject*>value).ob_refcnt
