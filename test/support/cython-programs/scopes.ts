/** Whole pieces of Cython, to be compiled one after the other: what binds a name, and where it is seen. */
export const scopePrograms: readonly string[] = [
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
];
