import { words } from './dangerous-modules.ts'

/** Single names, with what can be reached through them; the rest of their modules is unknown. */
export const DANGEROUS_NAMES: ReadonlySet<string> = words(`
  builtins.eval builtins.exec builtins.execfile builtins.compile builtins.open builtins.file builtins.__import__
  builtins.reload builtins.apply builtins.input builtins.raw_input builtins.breakpoint builtins.help builtins.exit builtins.quit
  builtins.getattr builtins.setattr builtins.delattr builtins.hasattr builtins.globals builtins.locals builtins.vars builtins.dir
  builtins.memoryview builtins.__build_class__
  operator.attrgetter operator.itemgetter operator.methodcaller operator.call operator.setitem operator.delitem
  _operator.attrgetter _operator.itemgetter _operator.methodcaller _operator.call _operator.setitem _operator.delitem
  io.open io.open_code io.FileIO io.OpenWrapper _io.open _io.open_code _io.FileIO _pyio.open _pyio.open_code _pyio.FileIO
  codecs.open codecs.register _codecs.register logging.FileHandler logging.basicConfig
  dataclasses._create_fn dataclasses._FuncBuilder typing.get_type_hints typing.ForwardRef typing._eval_type
  copyreg.pickle copyreg.add_extension copyreg.dispatch_table wave.open aifc.open sunau.open uu.decode uu.encode
  argparse.FileType sre_compile.compile

  numpy.load numpy.loads numpy.save numpy.savez numpy.savez_compressed numpy.savetxt numpy.loadtxt numpy.genfromtxt
  numpy.fromfile numpy.fromregex numpy.memmap numpy.core.memmap.memmap numpy._core.memmap.memmap numpy.DataSource
  numpy.safe_eval numpy.test numpy.core.multiarray.fromfile numpy._core.multiarray.fromfile numpy.core.records.fromfile
  numpy._core.records.fromfile numpy.rec.fromfile numpy.core._multiarray_umath.fromfile numpy._core._multiarray_umath.fromfile
  numpy.ma.core.loads numpy.ma.loads numpy.ndarray.tofile numpy.ndarray.dump
  pandas.read_pickle pandas.to_pickle pandas.eval pandas.read_hdf pandas.HDFStore pandas.DataFrame.query pandas.DataFrame.eval
  joblib.load joblib.dump joblib.Parallel joblib.Memory joblib.numpy_pickle.load joblib.numpy_pickle._unpickle
  joblib.numpy_pickle.NumpyUnpickler joblib.numpy_pickle.NumpyPickler joblib.numpy_pickle_compat.load_compatibility
  joblib.numpy_pickle_compat.ZipNumpyUnpickler joblib.memory.Memory joblib.parallel.Parallel
  yaml.load yaml.load_all yaml.unsafe_load yaml.unsafe_load_all yaml.full_load yaml.Loader yaml.UnsafeLoader yaml.constructor
  sympy.sympify sympy.parse_expr sympy.lambdify sympy.S omegaconf.OmegaConf.load omegaconf.OmegaConf.save
  omegaconf.OmegaConf.register_new_resolver transformers.pipeline transformers.dynamic_module_utils
  keras.layers.Lambda keras.src.layers.core.lambda_layer.Lambda tensorflow.py_function tensorflow.numpy_function
  tensorflow.load_op_library tensorflow.load_library h5py.File nltk.download nltk.data.load

  torch.load torch.save torch.compile torch.from_file torch.import_ir_module torch.import_ir_module_from_buffer
  torch._C.import_ir_module torch._C.import_ir_module_from_buffer torch._C._import_ir_module_from_package
  torch._C._load_for_lite_interpreter torch._C._load_for_lite_interpreter_from_buffer torch._C._load_jit_module_from_file
  torch._C._load_jit_module_from_bytes torch._C._load_mobile_module_from_file torch._C._load_mobile_module_from_bytes
  torch._C.PyTorchFileReader torch._C.PyTorchFileWriter torch._C.CompilationUnit torch._C._aoti
  torch._C._jit_script_compile torch._C._cuda_jiterator_compile_and_launch_kernel torch._C._create_function_from_trace
  torch._C._distributed_rpc torch._utils._import_dotted_name
  torch.distributed.init_process_group torch.distributed.recv_object_list torch.distributed.broadcast_object_list
`)

/** Attributes that lead from anything to everything; as a name or a part of one. */
export const DANGEROUS_ATTRIBUTES: ReadonlySet<string> = words(`
  eval exec execfile __import__ import_module system popen popen2 popen3 popen4 spawnl spawnv posix_spawn fork forkpty
  execl execle execlp execv execve execvp execvpe Popen check_output check_call getoutput getstatusoutput
  load_library LoadLibrary load_dynamic runstring from_file tofile
  os sys subprocess posix nt builtins __builtin__ __builtins__ importlib socket shutil ctypes pickle _pickle cPickle marshal
  runpy pty __globals__ __code__ __closure__ __func__ __self__ __dict__ __class__ __bases__ __base__ __mro__ __subclasses__
  __getattribute__ __getattr__ __setattr__ __delattr__ __reduce__ __reduce_ex__ __loader__ __spec__ __init_subclass__
  __set_name__ __get__ __defaults__ __kwdefaults__ __wrapped__ f_globals f_locals f_builtins f_back gi_frame gi_code
  cr_frame cr_code tb_frame func_globals func_code im_func im_self
`)
