using Google.Protobuf;
using Pipeline.Infra.CommandLine;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Onnx.Messages;
using Pipeline.Predictor.Scoring;

namespace Pipeline.Tests.Unit.Predictor.Models;

public sealed class ModelFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("model-").FullName;

    private string ModelPath => Path.Combine(_folder, "m.onnx");

    [Fact]
    public void A_saved_model_opens_and_passes_its_self_test()
    {
        ModelFile file = TestModel.File();
        file.Save(ModelPath);
        (Scorer scorer, ModelCard card) = ModelFile.Open(ModelPath, threads: 1);
        using (scorer) Assert.Equal(file.Card.Id, card.Id);
        Assert.Equal(file.Card.SelfTest.Features, card.SelfTest.Features);
    }

    [Fact]
    public void A_missing_model_is_named() => Refused("cannot be read");

    [Fact]
    public void A_changed_file_does_not_match_its_checksum()
    {
        TestModel.File().Save(ModelPath);
        byte[] bytes = File.ReadAllBytes(ModelPath);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(ModelPath, bytes);
        Refused("checksum");
    }

    [Fact]
    public void A_broken_card_is_refused()
    {
        TestModel.File().Save(ModelPath);
        File.WriteAllText(ModelFile.CardPath(ModelPath), "{ \"name\": 1 }");
        Refused("card");
    }

    [Fact]
    public void Bytes_that_are_no_model_are_refused() => Refused("not an ONNX model", _ => [1, 2, 3, 255, 255, 255, 255]);

    [Fact]
    public void An_empty_file_is_refused() => Refused("no graph", _ => []);

    [Fact]
    public void Values_outside_of_the_file_are_refused() => Refused("outside of the file", m =>
    {
        m.Graph.Initializer[0].ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "../secret" });
        return m.ToByteArray();
    });

    [Fact]
    public void Huge_initialisers_are_refused() => Refused("its shape wants", m =>
    {
        m.Graph.Initializer[0].Dims.Clear();
        m.Graph.Initializer[0].Dims.AddRange([long.MaxValue, long.MaxValue]);
        return m.ToByteArray();
    });

    [Fact]
    public void Foreign_operators_are_refused() => Refused("foreign domain", m =>
    {
        m.Graph.Node[0].Domain = "com.example";
        return m.ToByteArray();
    });

    [Fact]
    public void Inner_graphs_are_refused() => Refused("holds a graph", m =>
    {
        m.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "body", G = new GraphProto(), Type = AttributeProto.Types.AttributeType.Graph });
        return m.ToByteArray();
    });

    [Fact]
    public void Other_shapes_than_the_signature_says_are_refused() => Refused("the card says", m =>
    {
        m.Graph.Input[0].Type.TensorType.Shape.Dim[1].DimValue = 12;
        return m.ToByteArray();
    });

    [Fact]
    public void A_graph_that_the_runtime_cannot_run_is_refused() => Refused("", m =>
    {
        m.Graph.Node[3].OpType = "Where";
        return m.ToByteArray();
    });

    [Theory]
    [InlineData("NoSuchOperator")]
    [InlineData("ConstantOfShape")]
    [InlineData("Tile")]
    [InlineData("RandomUniform")]
    [InlineData("Loop")]
    public void Operators_that_no_model_of_ours_uses_are_refused(string op) => Refused($"is a {op}", m =>
    {
        m.Graph.Node[3].OpType = op;
        return m.ToByteArray();
    });

    /// <summary>Parts that our messages do not know but ONNX Runtime reads: field and wire type, length, content.</summary>
    [Theory]
    [InlineData("model", 25)] // functions
    [InlineData("model", 20)] // training_info
    [InlineData("graph", 15)] // sparse_initializer
    [InlineData("attribute", 5)] // t, a tensor
    [InlineData("attribute", 11)] // graphs
    public void Parts_that_are_not_known_here_are_refused(string where, int field) => Refused("parts of ONNX that no model of ours has", m =>
    {
        byte[] unknown = [(byte)((field << 3 | 2) & 0x7F | (field > 15 ? 0x80 : 0)), .. (field > 15 ? new[] { (byte)(field >> 4) } : []), 2, 8, 1];
        switch (where)
        {
            case "model": return [.. m.ToByteArray(), .. unknown];
            case "graph": m.Graph.MergeFrom(unknown); break;
            default:
                m.Graph.Node[3].Attribute.Add(AttributeProto.Parser.ParseFrom(unknown));
                break;
        }
        return m.ToByteArray();
    });

    [Fact]
    public void Weights_that_are_no_numbers_fail_the_self_test() => Refused("self-test gives", m =>
    {
        foreach (TensorProto tensor in m.Graph.Initializer.Where(t => t.DataType == (int)TensorProto.Types.DataType.Float && t.RawData.Length > 64))
        {
            byte[] nan = new byte[tensor.RawData.Length];
            for (int i = 3; i < nan.Length; i += 4) (nan[i - 1], nan[i]) = (0xC0, 0x7F);
            tensor.RawData = ByteString.CopyFrom(nan);
        }
        return m.ToByteArray();
    });

    [Theory]
    [InlineData("Neg")]
    [InlineData("Log")]
    [InlineData("Sqrt")]
    public void Whatever_a_model_answers_only_shares_are_served(string op)
    {
        ModelProto model = ModelProto.Parser.ParseFrom(TestModel.Onnx());
        foreach (NodeProto node in model.Graph.Node.Where(n => n.Name is "peak_quantile" or "busy_probability")) node.OpType = op;
        // Negative before the root: no numbers at all.
        if (op == "Sqrt") model.Graph.Node.Last(n => n.OpType == "Sigmoid").OpType = "Neg";
        using Scorer scorer = new(model.ToByteArray(), TestModel.Signature, threads: 1);
        SnapshotReader reader = new(TestModel.Signature);
        reader.Read(TestModel.Views(TestModel.Snapshot(20)));
        Forecast forecast = new();
        scorer.Run(reader.Inputs, forecast);
        Assert.True(forecast.Mended > 0);
        Assert.All(forecast.PeakQuantile.Concat(forecast.BusyProbability), v => Assert.InRange(v, 0f, 1f));
    }

    [Fact]
    public void Every_way_to_cut_a_model_short_is_refused_without_harm()
    {
        byte[] model = TestModel.Onnx();
        ModelFile file = TestModel.File();
        for (int length = 0; length < model.Length; length += 997)
        {
            byte[] cut = model[..length];
            byte[] card = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(file.Card with { Sha256 = ModelFile.Checksum(cut) }, ModelJson.Options);
            string? reason = ModelFile.TryParse(cut, card, out ModelFile? parsed);
            if (reason is null) Assert.NotNull(ModelFile.TryOpen(parsed!, threads: 1, out _));
        }
    }

    [Fact]
    public void Another_answer_than_the_card_says_is_refused()
    {
        ModelFile file = TestModel.File();
        float[] answers = [.. file.Card.SelfTest.PeakQuantile];
        answers[0] += 0.01f;
        (file with { Card = file.Card with { SelfTest = file.Card.SelfTest with { PeakQuantile = answers } } }).Save(ModelPath);
        Refused("self-test gives peak_quantile[0]");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The model is changed, its card's checksum with it.</summary>
    private void Refused(string reason, Func<ModelProto, byte[]> change)
    {
        ModelFile file = TestModel.File();
        byte[] changed = change(ModelProto.Parser.ParseFrom(file.Model));
        new ModelFile(changed, file.Card with { Sha256 = ModelFile.Checksum(changed) }).Save(ModelPath);
        Refused(reason);
    }

    private void Refused(string reason)
    {
        UserException e = Assert.Throws<UserException>(() => ModelFile.Open(ModelPath, threads: 1));
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.Contains(_folder, e.Message, StringComparison.Ordinal);
    }
}
