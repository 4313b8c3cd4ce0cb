"""Types of the compiler (Cython.Compiler.PyrexTypes) as JSON, in the shape of types.ts: what a cast depends on, no more."""

from Cython.Compiler import PyrexTypes

UNKNOWN = {"kind": "unknown"}
OTHER = {"kind": "other"}
DEEPEST = 8

# Extension types that rules know by name carry their module; all others go by the name of the class.
NAMED_MODULES = ("numpy", "array")


def wire_type(type_, depth=0):
    if type_ is None or depth > DEEPEST or is_unknown(type_):
        return UNKNOWN
    type_ = bare(type_)
    if is_unknown(type_) or type_.is_fused:
        return UNKNOWN
    return wire_object(type_, depth) if type_.is_pyobject else wire_value(type_, depth)


def is_unknown(type_):
    return bool(
        type_.is_error
        or getattr(type_, "is_unspecified", False)
        or type_ is PyrexTypes.unspecified_type
        or isinstance(type_, PyrexTypes.TemplatePlaceholderType)
    )


def bare(type_):
    """Without `const`, reference and the names of typedefs."""
    for _ in range(40):
        if type_.is_typedef and hasattr(type_, "typedef_base_type"):
            type_ = type_.typedef_base_type
        elif getattr(type_, "is_cv_qualified", False):
            type_ = type_.cv_base_type
        elif getattr(type_, "is_const", False) and hasattr(type_, "const_base_type"):
            type_ = type_.const_base_type
        elif type_.is_reference and hasattr(type_, "ref_base_type"):
            type_ = type_.ref_base_type
        else:
            break
    return type_


def wire_object(type_, depth):
    if type_.is_buffer:
        return {
            "kind": "buffer",
            "owner": wire_type(type_.base, depth + 1),
            "element": wire_type(type_.dtype, depth + 1),
            "dimensions": type_.ndim,
            "isContiguous": type_.mode in ("c", "fortran"),
        }
    if type_.is_builtin_type:
        return {"kind": "object", "of": str(type_.name)}
    if type_.is_extension_type:
        module = type_.module_name or ""
        name = str(type_.name)
        return {"kind": "extension", "name": "%s.%s" % (module, name) if module in NAMED_MODULES else name}
    return {"kind": "object", "of": "object"}


def wire_value(type_, depth):
    if type_.is_memoryviewslice:
        return {"kind": "memoryview", "element": wire_type(type_.dtype, depth + 1), "dimensions": type_.ndim}
    if type_.is_complex or getattr(type_, "is_ctuple", False):
        return OTHER
    if type_.is_enum or type_.is_int:
        return {"kind": "integer", "isBool": type_ is PyrexTypes.c_bint_type}
    if type_.is_float:
        return {"kind": "float"}
    if type_.is_void:
        return {"kind": "void"}
    if type_.is_ptr:
        return {"kind": "pointer", "to": wire_type(type_.base_type, depth + 1)}
    if type_.is_array:
        return {"kind": "array", "of": wire_type(type_.base_type, depth + 1)}
    if type_.is_cpp_class:
        return {"kind": "record", "record": "cppclass", "name": str(type_.name)}
    if type_.is_struct_or_union:
        kind = "union" if getattr(type_, "kind", "struct") == "union" else "struct"
        return {"kind": "record", "record": kind, "name": str(type_.name)}
    if type_.is_cfunction:
        return {"kind": "function", "result": wire_type(type_.return_type, depth + 1)}
    return OTHER


def type_text(type_):
    """The type as a person writes it: `size_t`, `void *`, `bytes`; empty where it is not known."""
    if type_ is None or is_unknown(type_):
        return ""
    try:
        if type_.is_pyobject and not type_.is_builtin_type and not type_.is_extension_type and not type_.is_buffer:
            return "object"
        return " ".join(str(type_).split())[:200]
    except Exception:
        return ""
