using Microsoft.ML.OnnxRuntime;
using Pipeline.Predictor.Network;
using Pipeline.Predictor.Scoring;
using Pipeline.Predictor.Training;

namespace Pipeline.Tests.Unit.Predictor.Network;

public sealed class TrainingGraphTests
{
    private const int Rows = 9;

    [Fact]
    public void The_gradient_of_the_whole_network_is_the_slope_of_its_loss()
    {
        TrainingGraph.Result graph = TrainingGraph.Build(TestModel.Options, InputScaling.Identity(TestModel.Options));
        float[] weights = TestModel.RandomWeights(3);
        using GradientSession session = new(graph.Model, graph.Parameters.Parameters, TrainingGraph.Losses);
        using GradientRun run = new(session, weights);
        Dictionary<string, OrtValue> inputs = Inputs();
        run.Run(inputs);
        float[] gradients = [.. run.Gradients];
        foreach (Parameter p in graph.Parameters.Parameters)
        {
            // Along its own gradient a parameter's slope is the gradient's length: far from the noise of float32.
            Span<float> own = gradients.AsSpan(p.Offset, p.Shape.Length);
            double length = Math.Sqrt(own.ToArray().Sum(g => (double)g * g));
            Assert.True(length > 1e-7, $"{p.Name} gets no gradient");
            const float Step = 4e-3f;
            double slope = (Moved(Step) - Moved(-Step)) / (2 * Step);
            Assert.True(Math.Abs(slope - length) < 0.03 * length + 2e-4, $"{p.Name}: slope {slope}, gradient {length}");

            double Moved(float by)
            {
                float[] kept = [.. weights];
                for (int i = 0; i < p.Shape.Length; i++) weights[p.Offset + i] += (float)(by * gradients[p.Offset + i] / length);
                run.Run(inputs);
                kept.CopyTo(weights, 0);
                return TrainingGraph.Loss(run.Losses);
            }
        }
        foreach (OrtValue value in inputs.Values) value.Dispose();
    }

    [Fact]
    public void A_busy_VM_teaches_of_becoming_busy_if_it_has_just_reported()
    {
        double free = Busy(now: 0, age: 0);
        Assert.True(free > 0);
        Assert.Equal(free, Busy(now: 1, age: 0));
        Assert.Equal(0, Busy(now: 1, age: 1));
        Assert.NotEqual(0, Busy(now: 0, age: 1));
    }

    private static float Busy(float now, float age)
    {
        TrainingGraph.Result graph = TrainingGraph.Build(TestModel.Options, InputScaling.Identity(TestModel.Options), gradients: false);
        using GradientSession session = new(graph.Model, graph.Parameters.Parameters, TrainingGraph.Losses);
        using GradientRun run = new(session, TestModel.RandomWeights(3));
        Dictionary<string, OrtValue> inputs = Inputs();
        foreach ((string name, float value) in new[] { (InputNames.Now, now), (InputNames.Age, age) })
            inputs[name].GetTensorMutableDataAsSpan<float>().Fill(value);
        run.Run(inputs);
        foreach (OrtValue value in inputs.Values) value.Dispose();
        return run.Losses[1];
    }

    private static Dictionary<string, OrtValue> Inputs()
    {
        SnapshotReader reader = new(TestModel.Signature);
        reader.Read(TestModel.Views(TestModel.Snapshot(Rows)));
        Random random = new(5);
        float[] target = [.. Enumerable.Range(0, Rows * 4).Select(_ => random.NextSingle() * 1.2f)], weight = new float[Rows];
        Array.Fill(weight, 1f / Rows);
        Dictionary<string, OrtValue> inputs = reader.Inputs.Bind();
        inputs[InputNames.Queries] = OrtValue.CreateTensorValueFromMemory([.. Enumerable.Range(0, Rows).Select(i => (long)i)], [Rows, 1]);
        inputs[InputNames.Target] = OrtValue.CreateTensorValueFromMemory(target, [Rows, 4]);
        float[] reached = [.. Enumerable.Range(0, Rows * 8).Select(_ => random.NextSingle())];
        inputs[InputNames.Reached] = OrtValue.CreateTensorValueFromMemory(reached, [Rows, 4, 2]);
        inputs[InputNames.RowWeight] = OrtValue.CreateTensorValueFromMemory(weight, [Rows, 1]);
        inputs[InputNames.Now] = OrtValue.CreateTensorValueFromMemory(new float[Rows], [Rows, 1]);
        return inputs;
    }
}
