using System.Runtime.InteropServices;
using Google.Protobuf;
using Pipeline.Predictor.Onnx.Messages;

namespace Pipeline.Predictor.Onnx;

/// <summary>Writes an ONNX graph node by node (ONNX specification, IR version 9, operator set 18).</summary>
public sealed class GraphBuilder
{
    /// <summary>The first operator set with every operator used here: ScatterND adds since 16, LayerNormalization exists since 17, ReduceMean takes its axes as an input since 18.</summary>
    public const int OpsetVersion = 18;

    public const int IrVersion = 9;

    /// <summary>The name that stands for the number of rows in the shapes of inputs and outputs.</summary>
    public const string RowsName = "rows";

    private readonly GraphProto _graph = new() { Name = "graph" };
    private readonly Dictionary<string, Tensor> _inputs = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Tensor> _constants = new(StringComparer.Ordinal);
    private int _names;

    /// <summary>Nodes so far.</summary>
    public int NodeCount => _graph.Node.Count;

    /// <summary>A named input; one that is there already is the same.</summary>
    /// <param name="rows">What the number of rows is called: inputs whose numbers differ need different names.</param>
    public Tensor Input(string name, Shape shape, TensorProto.Types.DataType type = TensorProto.Types.DataType.Float, string rows = RowsName)
    {
        if (_inputs.TryGetValue(name, out Tensor? input)) return input.Shape.Same(shape) ? input : throw new ArgumentException($"input {name} is {input.Shape} already; {shape} is wanted");
        _graph.Input.Add(Describe(name, shape, type, rows));
        return _inputs[name] = new Tensor(name, shape);
    }

    /// <summary>Declares a value as a result of the graph, under a name of its own.</summary>
    public void Output(Tensor tensor, string name, string rows = RowsName)
    {
        _graph.Node.Add(new NodeProto { OpType = "Identity", Name = name, Input = { tensor.Name }, Output = { name } });
        _graph.Output.Add(Describe(name, tensor.Shape, TensorProto.Types.DataType.Float, rows));
    }

    /// <summary>A named value that is stored in the model.</summary>
    public Tensor Initializer(string name, Shape shape, ReadOnlySpan<float> values)
    {
        if (values.Length != shape.Length) throw new ArgumentException($"{name} has {values.Length} values; {shape} is wanted");
        return Store(name, shape, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(values));
    }

    public Tensor Constant(float value) => Constant(new Shape(), [value]);

    /// <summary>A value that never changes; equal ones are stored once.</summary>
    public Tensor Constant(Shape shape, ReadOnlySpan<float> values) =>
        Shared(shape, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(values));

    /// <summary>A vector of integers, as operators take axes and shapes.</summary>
    public Tensor Constant(params long[] values) =>
        Shared(new Shape(values.Length), TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes<long>(values));

    /// <summary>Adds a node with one output. The caller knows the output's shape.</summary>
    public Tensor Node(string op, Shape shape, Tensor[] inputs, params AttributeProto[] attributes) =>
        Nodes(op, [shape], inputs, attributes)[0];

    /// <summary>Adds a node with several outputs.</summary>
    public Tensor[] Nodes(string op, Shape[] shapes, Tensor[] inputs, params AttributeProto[] attributes)
    {
        Tensor[] outputs = [.. shapes.Select(s => new Tensor($"t{_names++}", s))];
        NodeProto node = new() { OpType = op, Name = $"{op}_{_graph.Node.Count}" };
        node.Input.AddRange(inputs.Select(t => t.Name));
        node.Output.AddRange(outputs.Select(t => t.Name));
        node.Attribute.AddRange(attributes);
        _graph.Node.Add(node);
        return outputs;
    }

    public static AttributeProto Attribute(string name, long value) => new() { Name = name, I = value, Type = AttributeProto.Types.AttributeType.Int };

    public static AttributeProto Attribute(string name, float value) => new() { Name = name, F = value, Type = AttributeProto.Types.AttributeType.Float };

    public static AttributeProto Attribute(string name, string value) => new() { Name = name, S = ByteString.CopyFromUtf8(value), Type = AttributeProto.Types.AttributeType.String };

    public static AttributeProto Attribute(string name, params long[] values) => new() { Name = name, Ints = { values }, Type = AttributeProto.Types.AttributeType.Ints };

    /// <summary>The model as it stands in a file.</summary>
    public byte[] ToBytes() => new ModelProto
    {
        IrVersion = IrVersion,
        ProducerName = "pipeline",
        Graph = _graph,
        OpsetImport = { new OperatorSetIdProto { Version = OpsetVersion } },
    }.ToByteArray();

    private Tensor Shared(Shape shape, TensorProto.Types.DataType type, ReadOnlySpan<byte> bytes)
    {
        string key = $"{type}{shape}{Convert.ToBase64String(bytes)}";
        if (!_constants.TryGetValue(key, out Tensor? constant))
            _constants[key] = constant = Store($"c{_constants.Count}", shape, type, bytes);
        return constant;
    }

    private Tensor Store(string name, Shape shape, TensorProto.Types.DataType type, ReadOnlySpan<byte> bytes)
    {
        _graph.Initializer.Add(new TensorProto { Name = name, DataType = (int)type, Dims = { shape.ToLongs() }, RawData = ByteString.CopyFrom(bytes) });
        return new Tensor(name, shape);
    }

    private static ValueInfoProto Describe(string name, Shape shape, TensorProto.Types.DataType type, string rows)
    {
        TensorShapeProto dimensions = new();
        foreach (int d in shape.Dimensions)
        {
            dimensions.Dim.Add(d == Shape.Rows
                ? new TensorShapeProto.Types.Dimension { DimParam = rows }
                : new TensorShapeProto.Types.Dimension { DimValue = d });
        }
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dimensions } } };
    }
}
