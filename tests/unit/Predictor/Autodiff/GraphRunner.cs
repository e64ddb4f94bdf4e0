using Microsoft.ML.OnnxRuntime;

namespace Pipeline.Tests.Unit.Predictor.Autodiff;

/// <summary>Runs a graph on arrays.</summary>
internal sealed class GraphRunner(byte[] model) : IDisposable
{
    private readonly InferenceSession _session = new(model);
    private readonly RunOptions _options = new();

    public float[] Run(string output, params (string Name, float[] Values, long[] Shape)[] inputs)
    {
        Dictionary<string, OrtValue> values = inputs.ToDictionary(i => i.Name, i => OrtValue.CreateTensorValueFromMemory(i.Values, i.Shape));
        using IDisposableReadOnlyCollection<OrtValue> results = _session.Run(_options, values, [output]);
        foreach (OrtValue value in values.Values) value.Dispose();
        return results[0].GetTensorDataAsSpan<float>().ToArray();
    }

    public void Dispose()
    {
        _session.Dispose();
        _options.Dispose();
    }
}
