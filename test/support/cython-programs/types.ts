/** Whole pieces of Cython, to be compiled one after the other: what type a value has, by declaration or inference. */
export const typePrograms: readonly string[] = [
  `
@cython.locals(a=cython.size_t, c=cython.p_void)
def p13(a, b):
    cdef void* p = <void*>a
    p = <void*>b
    c = NULL
    p = <void*>c
    d: cython.size_t = 3
    p = <void*>d
    e: object = 3
    p = <void*>e
    f: cython.p_void = NULL
    p = <void*>f
`,
  `
def p14(a, size_t b):
    cdef void* p = cython.cast(cython.p_void, a)
    p = cython.cast(cython.p_void, b)
    p = cython.cast(cython.pointer(cython.void), a)
    p = cython.cast(cython.p_void, cython.cast(cython.size_t, a))
`,
  `
def p15(a, b, size_t c):
    cdef void* p
    x = y = a
    p = <void*>x
    p = <void*>y
    x2 = y2 = c
    p = <void*>x2
    (u, v), w = a
    p = <void*>u
    p = <void*>w
    s, t = b, c
    p = <void*>s
    p = <void*>t
    g, h = c, c
    p = <void*>h
`,
  `
def p16(a):
    cdef void* p
    i = 0
    while i < 10:
        i += 1
    p = <void*>i
    j = 0
    while j < 10:
        j = 5
    p = <void*>j
    k = 0
    k |= 3
    p = <void*>k
    m = len(a)
    p = <void*>m
    n = len(a) * 8
    p = <void*>n
    o = sizeof(int)
    p = <void*>o
    q = ord(a)
    p = <void*>q
    r = hash(a)
    p = <void*>r
    s = a is None
    p = <void*>s
    t = isinstance(a, int)
    p = <void*>t
    u = abs(a)
    p = <void*>u
    v = id(a)
    p = <void*>v
    w = not a
    p = <void*>w
`,
  `
def p17(a, double d, float f, double complex z):
    cdef void* p
    cdef object o = d
    p = <void*>o
    x = d * 2
    y = a * 2.0
    p = <void*>y
    s = "%s" % a
    p = <void*>s
    t = [a] * 3
    p = <void*>t
    u = b"x" + b"y"
    p = <void*>u
    g = (x for x in a)
    p = <void*>g
    h = {1: a}
    p = <void*>h
    i = {a}
    p = <void*>i
    j = {k: v for k, v in a}
    p = <void*>j
`,
  `
cdef inline size_t p18_id(a) except? 0:
    return <size_t>a
cdef object p18_object(a):
    return a
cdef p18_untyped(a):
    return a
cdef void* p18_pointer(size_t a) nogil:
    return <void*>a
cpdef size_t p18_cpdef(a):
    return 1
def p18(a):
    cdef void* p
    x = p18_id(a)
    p = <void*>x
    y = p18_object(a)
    p = <void*>y
    z = p18_untyped(a)
    p = <void*>z
    w = p18_pointer(3)
    p = <void*>w
    v = p18_cpdef(a)
    p = <void*>v
    u = p18(a)
    p = <void*>u
    p = <void*>p18_pointer
    p = <void*>&p18_pointer
    p = <void*>p18
`,
  `
def p19(a, size_t b):
    with nogil:
        p = <void*>b
    if (<void*>a) == NULL and b < 3 > 1:
        pass
    return [<size_t> <void*> b]
`,
  `
def p20(np.ndarray[np.float64_t, ndim=1] a, np.ndarray b, double[:, ::1] c, object[:] d, np.int64_t e):
    cdef void* p = <void*>a.data
    p = <void*>&a[0]
    p = <void*>b.data
    p = <void*>b.shape
    p = <void*>b.T.data
    p = <void*>b[0]
    p = <void*>&c[0, 0]
    p = <void*>d[0]
    p = <void*>e
    f = np.PyArray_DATA(b)
    p = <void*>f
    g = numpy.zeros(3)
    p = <void*>g
    p = <void*>g.data
    h = b
    p = <void*>h
    p = <void*>h.data
    i = b.astype(int)
    p = <void*>i.data
    p = <void*>(<np.ndarray>i).data
    j = a[0]
    k = b[0]
    p = <void*>k
`,
  `
cdef fused p21_number:
    int
    double
def p21(p21_number a, list b):
    cdef void* p = <void*>&a
    p = <void*>b
    p = <void*>b[0]
`,
  `
DEF P22_SIZE = 5
IF P22_SIZE > 3:
    cdef void* p22(a):
        cdef void* p = <void*>a
        p = <void*>P22_SIZE
        return p
ELSE:
    cdef void* p22(a):
        return NULL
`,
  `
async def p23(a, size_t b):
    x = await a
    y = (<void*>x) == NULL
    z = <size_t><void*>b
    return y
def p23_generator(a):
    x = yield a
    y = (<void*>x) == NULL
`,
  `
def p24(a, object b, list c=None, size_t d = <size_t>3, *args, e=None, size_t g=4, **kwargs):
    cdef void* p = NULL
    p = <void*>a; p = <void*>b; p = <void*>c
    p = <void*>d; p = <void*>e; p = <void*>g
    p = \\
        <void*> \\
        args
    p = (
        <void*>
        kwargs
    )
`,
  `
cdef class P25:
    cdef void (*callback)(void*)
    cdef void* data
    cdef object target
    def set(self, target):
        self.target = target
        self.data = <void*>target
        self.data = <void*>self.callback
        self.data = <void*>self.target.x.y[0]
        return (<object>self.data).name, (<P25>target).data == NULL
    cdef take(self, P25 other):
        self.data = <void*>other.target
        self.data = <void*>other.data
        self.data = <void*>other.callback
        self.data = <void*>(<P25>other.target).data
        self.data = <void*>(<P25>other.target).target
`,
  `
cdef unsigned char[10] p26_array
cdef const char* p26_text = b"x"
cdef list p26_list = []
cdef (int, int) p26_pair
def p26():
    cdef void* p = <void*>p26_array
    p = <void*>p26_text
    p = <void*>p26_list
    p = <void*>p26_list[0]
    p = <void*>p26_array[0]
    p = <void*>(&p26_array[0])
`,
  `
def p27(a):
    cdef void* p
    x = a if a else None
    p = <void*>x
    y = a or b"x"
    p = <void*>y
    z = 1 if a else 2
    p = <void*>z
    w = 1 if a else None
    p = <void*>w
    v = <void*>NULL if a else <void*>4
    p = <void*>v
    u = (<size_t>a) + 1
    p = <void*>u
    t = <size_t>a
    s = t
    r = s
    p = <void*>r
    q = t + 1
    p = <void*>q
    p = <void*>t
`,
  `
def p28(a):
    cdef void* p
    def f(): return 1
    p = <void*>f
    class C: pass
    import os
    p = <void*>os
    p = <void*>os.path
    from os import sep
    p = <void*>sep
    p = <void*>len
`,
  `
ctypedef fused s1_number:
    int
    double
ctypedef fused s1_anything:
    object
    size_t
ctypedef fused s1_both:
    s1_number
    list
def s1_numbers(s1_number a, b):
    cdef void* p = <void*>&a
    p = <void*>b
def s1_objects(s1_anything a):
    cdef void* p = <void*>a
def s1_branches(s1_both a, b):
    cdef void* p
    if s1_both is list:
        p = <void*>a
    else:
        p = <void*>&a
    if s1_both in s1_number:
        p = <void*>b
    elif s1_both is not list:
        p = <void*>a
def s1_views(cython.floating[:] a, cython.integral b):
    cdef void* p = <void*>&a[0]
    p = <void*>b
cdef class S1:
    cdef void* p
    def method(self, s1_anything a):
        if s1_anything is object:
            self.p = <void*>a
        else:
            self.p = <void*>a
`,
  `
DEF S2_FLAG = 1
DEF S2_NAME = "x"
DEF S2_BIG = S2_FLAG > 3
IF S2_FLAG == 1:
    ctypedef size_t s2_word
ELSE:
    ctypedef object s2_word
IF S2_NAME == "y":
    cdef object s2_global = None
ELIF S2_FLAG:
    cdef size_t s2_global = 0
IF not S2_BIG:
    cdef void* s2_get():
        return NULL
ELSE:
    cdef object s2_get():
        return None
def s2(x):
    cdef s2_word w = x
    cdef void* p = <void*>w
    p = <void*>s2_global
    p = <void*>s2_get()
    IF S2_FLAG == 0:
        p = <void*>x
    ELSE:
        p = <void*><size_t>x
`,
  `
cdef extern from *:
    ctypedef struct s3_point:
        void* data
        int x
ctypedef s3_point s3_points[4]
def s3(a):
    cdef s3_points points
    cdef s3_point* one = &points[1]
    cdef void* p = <void*>points[0].data
    p = <void*>one
    p = <void*>one.data
    def inner(b):
        nonlocal a
        cdef void* q = <void*>one
        q = <void*>a
        q = <void*>points[0].x
        return 1
    return inner
`,
];
