/**
 * Names that checkpoints hold and torch does not list, module → names. Each is a class or function that is harmless whatever it is called
 * with, however often, and whatever attributes are set on what it makes: it imports nothing by a name it is given, and opens, runs and
 * evaluates nothing.
 */
export const HONEST_GLOBALS: Readonly<Record<string, string>> = {
  builtins: `
    Ellipsis NotImplemented bool bytes dict float frozenset int len list object range slice str tuple
  `,
  copyreg: '__newobj__ _reconstructor',
  argparse: 'Namespace',
  types: 'SimpleNamespace',
  collections: 'defaultdict deque',
  datetime: 'date datetime time timedelta timezone',
  decimal: 'Decimal',
  fractions: 'Fraction',
  uuid: 'UUID',
  io: 'BytesIO StringIO',
  _io: 'BytesIO StringIO',
  re: 'RegexFlag',
  typing: 'Any Callable Dict FrozenSet Iterable List Literal Mapping Optional Sequence Set Tuple Type Union',
  pathlib: 'Path PosixPath PurePath PurePosixPath PureWindowsPath WindowsPath',
  'pathlib._local': 'Path PosixPath PurePath PurePosixPath PureWindowsPath WindowsPath',

  numpy: `
    dtype ndarray record bool bool_ byte bytes_ cdouble clongdouble complex128 complex256 complex64 csingle
    datetime64 double float128 float16 float32 float64 half int16 int32 int64 int8 int_ intc intp long
    longdouble longlong short single str_ timedelta64 ubyte uint uint16 uint32 uint64 uint8 uintc uintp ulong
    ulonglong ushort void
  `,
  'numpy.dtypes': `
    BoolDType ByteDType BytesDType CLongDoubleDType Complex128DType Complex64DType DateTime64DType Float16DType
    Float32DType Float64DType Int16DType Int32DType Int64DType Int8DType IntDType LongDType LongDoubleDType
    LongLongDType ObjectDType ShortDType StrDType StringDType TimeDelta64DType UByteDType UInt16DType
    UInt32DType UInt64DType UInt8DType UIntDType ULongDType ULongLongDType UShortDType VoidDType
  `,
  'numpy.core.multiarray': '_reconstruct scalar',
  'numpy._core.multiarray': '_reconstruct scalar',
  'numpy.core.numeric': '_frombuffer',
  'numpy._core.numeric': '_frombuffer',
  'numpy.rec': 'recarray',
  'numpy.core.records': 'recarray',
  'numpy._core.records': 'recarray',
  'numpy.ma': 'MaskedArray',
  'numpy.ma.core': 'MaskedArray _mareconstruct',
  'numpy.random._pickle': '__bit_generator_ctor __generator_ctor __randomstate_ctor',
  'numpy.random._mt19937': 'MT19937',
  'numpy.random._pcg64': 'PCG64 PCG64DXSM',
  'numpy.random._philox': 'Philox',
  'numpy.random._sfc64': 'SFC64',
  'numpy.random.bit_generator': 'SeedSequence __pyx_unpickle_SeedSequence',
  'joblib.numpy_pickle': 'NumpyArrayWrapper',

  'omegaconf.base': 'ContainerMetadata Metadata UnionNode',
  'omegaconf.dictconfig': 'DictConfig',
  'omegaconf.listconfig': 'ListConfig',
  'omegaconf.nodes': `
    AnyNode BooleanNode BytesNode EnumNode FloatNode IntegerNode InterpolationResultNode LiteralNode NoneNode
    PathNode StringNode ValueNode
  `,
  'lightning.fabric.utilities.data': 'AttributeDict',
  'lightning_fabric.utilities.data': 'AttributeDict',
  'lightning.pytorch.utilities.parsing': 'AttributeDict',
  'pytorch_lightning.utilities.parsing': 'AttributeDict',

  // Of other releases of torch than the one whose list stands in weights-only.ts, and of TorchScript's pickles.
  torch: 'QUInt4x2Storage _UntypedStorage _TypedStorage',
  'torch.storage': '_LegacyStorage _TypedStorage _UntypedStorage',
  'torch._tensor': '_rebuild_from_type',
  // The .metadata of a distributed checkpoint: data classes and an enumeration.
  'torch.distributed.checkpoint.metadata': `
    BytesStorageMetadata ChunkStorageMetadata Metadata MetadataIndex StorageMeta TensorProperties TensorStorageMetadata
    _MEM_FORMAT_ENCODING
  `,
  'torch.distributed.checkpoint.filesystem': '_StorageInfo _StoragePrefix',
  'torch._utils': '_rebuild_nested_tensor _rebuild_xla_tensor',
  'torch.jit._pickle': `
    build_boollist build_doublelist build_intlist build_tensor_from_id build_tensorlist restore_type_tag
  `,
}
