using Microsoft.ML.OnnxRuntime;
using Pipeline.Predictor.Network;

namespace Pipeline.Predictor.Training;

/// <summary>The buffers of one run of a training graph, bound once: weights in, losses and gradients out.</summary>
public sealed class GradientRun : IDisposable
{
    private readonly GradientSession _session;
    private readonly RunOptions _options = new();
    private readonly List<string> _inputNames = [];
    private readonly List<OrtValue> _parameters = [];
    private readonly List<string> _outputNames = [];
    private readonly List<OrtValue> _outputs = [];

    /// <param name="weights">All weights; what is in it when <see cref="Run"/> is called counts.</param>
    public GradientRun(GradientSession session, float[] weights)
    {
        _session = session;
        Gradients = new float[weights.Length];
        Losses = new float[session.Losses.Count];
        for (int i = 0; i < session.Losses.Count; i++) BindOutput(GradientSession.LossOutput(session.Losses[i]), Losses.AsMemory(i, 1), []);
        foreach (Parameter p in session.Parameters)
        {
            long[] shape = p.Shape.ToLongs();
            _inputNames.Add(p.Name);
            _parameters.Add(OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, weights.AsMemory(p.Offset, p.Shape.Length), shape));
            if (session.HasGradients) BindOutput(GradientSession.GradientOutput(p.Name), Gradients.AsMemory(p.Offset, p.Shape.Length), shape);
        }
    }

    /// <summary>Of the last run, in the order of the weights; all 0 where the graph has no gradients.</summary>
    public float[] Gradients { get; }

    /// <summary>Of the last run, in the order of <see cref="GradientSession.Losses"/>.</summary>
    public float[] Losses { get; }

    /// <summary>Forward and backward pass.</summary>
    /// <param name="inputs">The graph's inputs besides the parameters.</param>
    public void Run(IReadOnlyDictionary<string, OrtValue> inputs)
    {
        List<string> names = [.. _inputNames, .. inputs.Keys];
        List<OrtValue> values = [.. _parameters, .. inputs.Values];
        _session.Session.Run(_options, names, values, _outputNames, _outputs);
    }

    public void Dispose()
    {
        foreach (OrtValue value in _parameters) value.Dispose();
        foreach (OrtValue value in _outputs) value.Dispose();
        _options.Dispose();
    }

    private void BindOutput(string name, Memory<float> memory, long[] shape)
    {
        _outputNames.Add(name);
        _outputs.Add(OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, memory, shape));
    }
}
