/* An extension module of Python with a bug of each kind, beside code that copes. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdlib.h>
#include <string.h>

static PyObject *copy(PyObject *self, PyObject *arg) {
  (void)self;
  Py_ssize_t length;
  const char *text = PyUnicode_AsUTF8AndSize(arg, &length);
  if (text == NULL) return NULL;
  char *block = PyMem_Malloc((size_t)length + 1); /* pymem */
  memcpy(block, text, (size_t)length + 1); /* pymem crash */
  PyObject *result = PyUnicode_FromStringAndSize(block, length);
  PyMem_Free(block);
  return result;
}

static PyObject *plain(PyObject *self, PyObject *unused) {
  (void)self, (void)unused;
  volatile int *numbers = malloc(10 * sizeof *numbers); /* plain */
  numbers[3] = 7; /* plain crash */
  long number = numbers[3];
  free((void *)numbers);
  return PyLong_FromLong(number);
}

static PyObject *careful(PyObject *self, PyObject *unused) {
  (void)self, (void)unused;
  char *block = malloc(77); /* careful */
  if (block == NULL) return PyErr_NoMemory();
  free(block);
  Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"copy", copy, METH_O, NULL},
    {"plain", plain, METH_NOARGS, NULL},
    {"careful", careful, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "careless", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_careless(void) { return PyModule_Create(&module); }
