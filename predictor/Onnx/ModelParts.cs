using Google.Protobuf;
using Pipeline.Predictor.Onnx.Messages;

namespace Pipeline.Predictor.Onnx;

/// <summary>A part of a model that can be run by itself.</summary>
public static class ModelParts
{
    /// <summary>What of a model some of its outputs need: nodes, values and inputs. Nodes stand in the order in which they are run.</summary>
    public static byte[] For(byte[] model, params IEnumerable<string> outputs)
    {
        ModelProto part = ModelProto.Parser.ParseFrom(model);
        GraphProto graph = part.Graph;
        HashSet<string> needed = new(outputs, StringComparer.Ordinal);
        Keep(graph.Output, value => needed.Contains(value.Name));
        for (int i = graph.Node.Count - 1; i >= 0; i--)
        {
            if (graph.Node[i].Output.Any(needed.Contains)) needed.UnionWith(graph.Node[i].Input);
            else graph.Node.RemoveAt(i);
        }
        Keep(graph.Initializer, value => needed.Contains(value.Name));
        Keep(graph.Input, value => needed.Contains(value.Name));
        return part.ToByteArray();

        static void Keep<T>(ICollection<T> all, Func<T, bool> wanted)
        {
            T[] kept = [.. all.Where(wanted)];
            all.Clear();
            foreach (T one in kept) all.Add(one);
        }
    }
}
