/** Whole pieces of Cython, to be compiled one after the other: scopes, closures, classes and what binds a name. */
export const programs: readonly string[] = [
  `
m1_number = 5
m1_object = object()
cdef void* m1_pointer = <void*>m1_number
cdef void* m1_p = <void*>m1_object
for m1_i in range(3):
    m1_p = <void*>m1_i
if m1_number:
    m1_p = <void*>m1_number
`,
  `
def p2(a, size_t n):
    cdef void* p
    def inner():
        cdef void* q = <void*>a
        q = <void*>n
        return 1
    f = lambda x: (<void*>x) == NULL
    g = lambda: (<void*>n) == NULL
    return inner, f
`,
  `
def p3(a):
    cdef void* p
    x = 1
    def inner():
        nonlocal x
        x = a
    p = <void*>x
    return inner
`,
  `
p4_g = 1
def p4(a):
    cdef void* p
    global p4_g
    p4_g = a
    p = <void*>p4_g
`,
  `
def p5(a):
    cdef void* p
    try:
        a()
    except ValueError as e:
        p = <void*>e
    except (KeyError, TypeError), e2:
        p = <void*>e2
    with a as b, a.c() as (d, f):
        p = <void*>b
        p = <void*>d
        p = <void*>f
    for i, j in a:
        p = <void*>i
        p = <void*>j
    for k, v in a.items():
        p = <void*>v
    for n, w in enumerate(a):
        p = <void*>n
        p = <void*>w
`,
  `
cdef void p6(list a, size_t n, int *q):
    cdef void* p
    for i in range(n):
        p = <void*>i
    for j in range(0, n, 2):
        p = <void*>j
    for k from 0 <= k < n:
        p = <void*>k
    for r in q[:3]:
        p = <void*>r
    for t in a:
        p = <void*>t
    for u in reversed(range(n)):
        p = <void*>u
`,
  `
def p7(a, size_t n):
    v = [<size_t><void*>x for x in range(3)]
    w = [<size_t><void*>n for x in a]
    return v, w
`,
  `
cdef class P8Base:
    cdef size_t base_number
    cdef object base_object
    cdef void* get(self, a) except NULL:
        cdef void* p = <void*>a
        p = <void*>self.base_number
        p = <void*>self.base_object
        return p

cdef class P8(P8Base):
    cdef:
        size_t number, other
        object thing
        void *pointer, **pointers
        int[4] numbers
        public dict table
    property prop:
        def __get__(self):
            cdef void* p = <void*>self.thing
            p = <void*>self.number
            return 1
        def __set__(self, value):
            self.pointer = <void*>value
    attribute = 5
    @staticmethod
    def s(a, size_t b):
        cdef void* p = <void*>a
        p = <void*>b
    @classmethod
    def c(cls, a):
        cdef void* p = <void*>a
    def __init__(self, a, size_t b=0, *args, **kwargs):
        self.pointer = <void*>a
        self.pointer = <void*>b
        self.pointer = <void*>args
        self.pointer = <void*>kwargs
        self.pointer = <void*>self.base_number
        self.pointer = <void*>self.base_object
        self.pointer = <void*>self.numbers
        self.pointer = <void*>self.numbers[1]
        self.pointer = <void*>self.pointers
        self.pointer = <void*>self.pointers[0]
        self.pointer = <void*>self.table
        self.pointer = <void*>self.attribute
        self.pointer = <void*>self.prop
        self.pointer = <void*>self.get(a)
        self.pointer = <void*>P8.attribute
        other = P8(1)
        self.pointer = <void*>other.number
        self.pointer = <void*>other.thing
        self.pointer = <void*>other
`,
  `
class P9:
    number = 5
    def m(self, a, size_t b):
        cdef void* p = <void*>self.number
        p = <void*>a
        p = <void*>b
        p = <void*>P9.number
        x = P9()
        p = <void*>x
        p = <void*>x.y
`,
  `
cdef struct P10Inner:
    size_t number
    void* pointer
cdef struct P10:
    P10Inner inner
    P10Inner* link
    int[3] many
cdef void* p10(P10* s, P10 t, a):
    cdef void* p = <void*>s.inner.number
    p = <void*>s.link.pointer
    p = <void*>s.link[0].number
    p = <void*>t.inner.pointer
    p = <void*>t.many
    p = <void*>s[0].many[1]
    u = s
    p = <void*>u.link
    p = <void*>&s.inner
    p = <P10*>a
    p = <P10Inner*>s
    return p
`,
  `
ctypedef unsigned long long P11Word
ctypedef P11Word P11Alias
ctypedef void* P11Pointer
ctypedef P11Pointer P11PointerAlias
ctypedef int (*P11Function)(void*)
def p11(P11Alias a, b):
    cdef P11PointerAlias p = <P11PointerAlias>a
    p = <P11PointerAlias>b
    p = <P11Pointer>b
    cdef P11Function f = NULL
    p = <P11Pointer>f
`,
  `
cdef extern from *:
    ctypedef struct P12Opaque:
        pass
    ctypedef int P12Int
    P12Opaque* p12_make()
    void p12_take(P12Opaque*, void*)
    size_t p12_number
    enum: P12_CONSTANT
    cdef enum P12Kind:
        P12_A
        P12_B = 3
def p12(a, P12Int b):
    cdef void* p = <void*>p12_make()
    x = p12_make()
    p = <void*>x
    p = <void*>p12_number
    p = <void*>P12_CONSTANT
    p = <void*>P12_A
    p = <void*>b
    p12_take(<P12Opaque*>a, <void*>a)
`,
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
];
