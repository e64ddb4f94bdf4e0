using Microsoft.ML.OnnxRuntime;
using Pipeline.Predictor.Models;
using Pipeline.Predictor.Network;
using Pipeline.Predictor.Scoring;

namespace Pipeline.Predictor.Training;

/// <summary>One labelled snapshot: the network's inputs, what came true, and what each row counts.</summary>
public sealed class TrainingBatch(InputSignature signature)
{
    public InputBuffers Inputs { get; } = new(signature);

    /// <summary>[rows, H]: peak utilisation over each horizon.</summary>
    public float[] Target { get; private set; } = [];

    /// <summary>[rows]: share of the row in the loss of the quantiles; 0 where the future is not known.</summary>
    public float[] RowWeight { get; private set; } = [];

    /// <summary>[rows, B]: share of the row in the loss of each threshold's probabilities; 0 where it is reached already.</summary>
    public float[] OnsetWeight { get; private set; } = [];

    public void Reset(int rows)
    {
        Inputs.Reset(rows);
        if (RowWeight.Length >= rows) return;
        Target = new float[rows * signature.HorizonSteps.Count];
        RowWeight = new float[rows];
        OnsetWeight = new float[rows * signature.BusyThresholds.Count];
    }

    /// <summary>All inputs of the training graph besides the parameters; the caller disposes of them.</summary>
    public Dictionary<string, OrtValue> Bind()
    {
        int rows = Inputs.Rows, h = signature.HorizonSteps.Count;
        Dictionary<string, OrtValue> inputs = Inputs.Bind();
        inputs[InputNames.Target] = Value(Target, h);
        inputs[InputNames.RowWeight] = Value(RowWeight, 1);
        inputs[InputNames.OnsetWeight] = Value(OnsetWeight, signature.BusyThresholds.Count);
        return inputs;

        OrtValue Value(float[] array, int width) =>
            OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, array.AsMemory(0, rows * width), [rows, width]);
    }
}
