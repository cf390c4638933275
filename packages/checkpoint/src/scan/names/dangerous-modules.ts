/**
 * Modules of which everything counts as dangerous, with all below them: what they are for is to run, load, open, send or reach something,
 * and checkpoints do not need them. The lists of picklescan 1.0.5, modelscan 0.8.8 and fickling 0.1.12 went into it.
 */
export const DANGEROUS_MODULES: ReadonlySet<string> = words(`
  os posix nt subprocess _posixsubprocess commands popen2 pty tty sys _xxsubinterpreters _interpreters
  shutil tempfile glob fileinput filecmp linecache mmap fcntl termios resource signal _signal _winapi winreg _winreg msvcrt
  multiprocessing _multiprocessing _posixshmem concurrent asyncio _asyncio asyncore asynchat threading _thread thread sched

  importlib _frozen_importlib _frozen_importlib_external _imp imp pkgutil zipimport runpy site sitecustomize usercustomize
  modulefinder zipapp antigravity __builtins__ code codeop compileall py_compile marshal types new inspect gc atexit
  functools _functools bdb pdb cProfile profile pstats trace tracemalloc faulthandler timeit _lsprof rlcompleter
  doctest unittest test pydoc _pyrepl _sitebuiltins idlelib lib2to3 tkinter _tkinter
  venv ensurepip pip distutils setuptools pkg_resources wheel _distutils_hack
  _osx_support _aix_support sysconfig platform uuid getpass readline

  socket _socket ssl _ssl select selectors socketserver SocketServer http httplib urllib urllib2 xmlrpc xmlrpclib
  ftplib imaplib nntplib poplib smtplib smtpd telnetlib webbrowser wsgiref cgi cgitb mailbox mailcap
  ctypes _ctypes cffi _cffi_backend

  pickle _pickle cPickle pickletools shelve dbm anydbm sqlite3 _sqlite3 dill cloudpickle jsonpickle
  tarfile zipfile gzip bz2 lzma logging.config logging.handlers syslog
  fickling picklescan modelscan model_unpickler saferpickle modelaudit

  requests urllib3 httpx httplib2 aiohttp httpcore websocket websockets paramiko fabric invoke pexpect plumbum sh psutil
  boto3 botocore s3fs gcsfs fsspec smart_open huggingface_hub kaggle wget twisted
  IPython ipykernel ipywidgets jupyter_client notebook ptpython bpython
  jinja2 mako sympy.parsing sympy.utilities.lambdify sympy.core.sympify numexpr
  Cython pyximport pythran weave scipy.weave llvmlite triton cupy cupyx pycuda
  six.moves past future.builtins execnet rpyc pyspark.serializers pyspark.cloudpickle ray.cloudpickle
  hydra._internal hydra.utils pandas.io pandas.core.computation pandas.compat.pickle_compat

  numpy.testing numpy.f2py numpy.distutils numpy.ctypeslib numpy.compat numpy.lib.npyio numpy.lib._npyio_impl
  numpy.lib.format numpy.lib._format_impl numpy.lib._datasource numpy.lib.utils numpy.lib._utils_impl numpy._pytesttester
  scipy.io sklearn.externals sklearn.datasets joblib.externals

  torch.hub torch.jit torch.package torch.export torch._export torch._dynamo torch._inductor torch.compiler
  torch.onnx torch.multiprocessing torch.library torch.ops torch._ops torch.classes torch._classes torch.serialization
  torch.fx.graph_module torch.fx._lazy_graph_module torch.fx.experimental torch.fx.passes torch.fx._symbolic_trace
  torch.testing torch.profiler torch.autograd.profiler torch._weights_only_unpickler torch._jit_internal torch._sources
  torch._appdirs torch._utils_internal torch._logging torch.backends._nnapi torch.ao.quantization.fx torch.cuda._utils
  torch.distributed.rpc torch.distributed.elastic torch.distributed.run torch.distributed.launch torch.distributed.launcher
  torch.distributed.checkpoint torch.distributed.distributed_c10d torch.distributed.nn.jit torch.distributed.pipelining
  torch.utils.cpp_extension torch.utils._cpp_extension_versioner torch.utils.bottleneck torch.utils.collect_env
  torch.utils.benchmark torch.utils._config_module torch.utils.data.datapipes torch.utils.data._utils.worker
  torch.utils.file_baton torch.utils.hipify torch.utils.model_dump torch.utils.model_zoo torch.utils.show_pickle
  torch.utils.tensorboard torch.utils.viz torch.utils.bundled_inputs torch.utils._import_utils torch.utils._triton
  torch.utils._freeze torch.utils._strobelight torch.utils.serialization
  torchvision.datasets torchvision.io keras.models keras.saving keras.utils tensorflow.keras tensorflow.io
  tensorflow.python tensorflow.saved_model
`)

/** Of those modules: what honest files hold too, and what by itself does nothing that a pickle cannot do anyway. What is known to be safe needs no place here. */
export const SPARED: ReadonlySet<string> = words(`
  functools.partial functools.partialmethod functools.reduce _functools.partial _functools.reduce
  inspect.Parameter inspect.Signature inspect._empty inspect._ParameterKind
  types.GenericAlias types.MappingProxyType types.NoneType types.UnionType
  uuid.SafeUUID signal.Signals socket.AddressFamily socket.SocketKind http.HTTPStatus
`)

export function words(text: string): Set<string> {
  return new Set(text.match(/\S+/g))
}
