/** A module in pure Python mode, which is Python as well: casts are calls, and annotations and decorators give types. */
export const pureProgram = `
import cython
import cython as cy
from cython import cast as kast, p_void

Point = cython.struct(x=cython.int, data=cython.p_void)
Handle = cython.typedef(cython.p_void)

def f(z, n: cython.size_t, o: int):
    p: cython.p_void
    q: cython.p_int = cython.NULL
    p = cython.cast(cython.p_void, z)
    p = cy.cast(cy.p_void, z)
    p = kast(p_void, z)
    p = kast(p_void, n)
    p = cython.cast(Handle, z)
    p = cython.cast(cython.p_void, o)
    p = cython.cast(cython.p_void, q)
    p = cython.cast(cython.pointer(Point), z)
    p = cython.cast(cython.p_void, cython.cast(cython.size_t, z))
    r = cython.declare(cython.size_t, 5)
    p = cython.cast(cython.p_void, r)
    cython.declare(s=cython.size_t)
    s = 3
    p = cython.cast(cython.p_void, s)
    return cython.cast(cython.size_t, p)

@cython.cfunc
@cython.returns(cython.size_t)
def h(x):
    return 1

@cy.cclass
class K:
    n: cython.size_t
    o: object
    p = cython.declare(cython.p_void)

    def m(self, a, b: cython.size_t, k: "K"):
        self.p = cython.cast(cython.p_void, self.n)
        self.p = cython.cast(cython.p_void, self.o)
        self.p = cython.cast(cython.p_void, a)
        self.p = cython.cast(cython.p_void, b)
        self.p = cython.cast(cython.p_void, h(a))
        x = K()
        self.p = cython.cast(cython.p_void, x.n)
        self.p = cython.cast(cython.p_void, x.o)

@cy.locals(a=cython.size_t)
def g(a, b):
    p: cython.p_void = cython.cast(cython.p_void, a)
    p = cython.cast(cython.p_void, b)
    return cython.cast(cython.size_t, p)
`;
