cdef struct Sample:
    double value
    double time


cdef class Buffer:
    cdef void* address
    cdef size_t size
    cdef object on_free
