using Pipeline.Predictor.Models;
using Pipeline.Predictor.Scoring;

namespace Pipeline.Predictor.Explanation;

/// <summary>
/// Says what a forecast comes from: it is made again without each part of the inputs in turn. All variants are rows of one run behind the
/// snapshot's own, so that neighbours are what they were. Whatever the network is inside, this holds; parts that say the same hide each other.
/// </summary>
public sealed class Explainer(Scorer scorer)
{
    private const int NewestMinutes = 60;

    private readonly InputSignature _signature = scorer.Signature;

    /// <summary>What is changed in the row that it is given.</summary>
    private delegate void Change(InputBuffers inputs, int row);

    /// <summary>Explains the forecast of one row.</summary>
    /// <param name="snapshot">The whole snapshot.</param>
    /// <param name="row">The VM's row in it.</param>
    /// <param name="nameOf">Name of a row's VM.</param>
    /// <param name="utilizationOf">Newest known utilisation of a row's VM; NaN: none.</param>
    /// <returns>The forecast as it is, [H, Q] and [H], and every driver, neighbours last, strongest edges first.</returns>
    public (float[] PeakQuantile, float[] Busy, IReadOnlyList<Driver> Drivers) Explain(InputBuffers snapshot, int row, Func<int, string> nameOf, Func<int, float> utilizationOf)
    {
        List<(Driver Driver, Change Change)> changes = [.. Parts(), .. Neighbours(snapshot, row, nameOf, utilizationOf)];
        int first = snapshot.Rows;
        InputBuffers inputs = new(_signature);
        inputs.CopyFrom(snapshot, first + changes.Count);
        for (int i = 0; i < changes.Count; i++)
        {
            inputs.CopyRow(row, first + i);
            changes[i].Change(inputs, first + i);
        }
        Forecast forecast = new();
        scorer.Run(inputs, forecast);
        return (Quantiles(forecast, row), Busy(forecast, row),
            [.. changes.Select((c, i) => c.Driver with { PeakQuantile = Quantiles(forecast, first + i), Busy = Busy(forecast, first + i) })]);
    }

    private IEnumerable<(Driver, Change)> Parts()
    {
        int newest = Math.Min((int)(NewestMinutes * 60_000L / _signature.StepMs), _signature.WindowSteps), all = _signature.WindowSteps;
        yield return (Of(DriverKind.OwnReports, $"own reports of the last {NewestMinutes} minutes"), (inputs, row) => Withhold(inputs, row, newest));
        yield return (Of(DriverKind.OwnReports, "own reports of the whole window"), (inputs, row) => Withhold(inputs, row, all));
        for (int s = 0; s < _signature.Signals.Count; s++)
        {
            int signal = s;
            yield return (Of(DriverKind.Signal, $"{_signature.Signals[s]} of the window"), (inputs, row) => inputs.Withhold(row, signal, all));
        }
        foreach ((string group, int[] columns) in FeatureGroups.Of(_signature)) yield return (Of(DriverKind.Features, group), (inputs, row) => Forget(inputs, row, columns));
        yield return (Of(DriverKind.Neighbours, "all neighbours"), DropAll);
        yield return (Of(DriverKind.Everything, "everything"), (inputs, row) =>
        {
            Withhold(inputs, row, all);
            Forget(inputs, row, [.. Enumerable.Range(0, _signature.Features.Count)]);
            DropAll(inputs, row);
        }
        );
    }

    private IEnumerable<(Driver, Change)> Neighbours(InputBuffers snapshot, int row, Func<int, string> nameOf, Func<int, float> utilizationOf)
    {
        for (int i = 0; i < _signature.Neighbours; i++)
        {
            (int place, int other) = (i, (int)snapshot.Neighbours[row * _signature.Neighbours + i]);
            if (other == row) continue;
            Driver driver = Of(DriverKind.Neighbour, nameOf(other)) with { Weight = snapshot.Weights[row * _signature.Neighbours + i], Utilization = utilizationOf(other) };
            yield return (driver, (inputs, to) => inputs.DropNeighbour(to, place));
        }
    }

    private static Driver Of(DriverKind kind, string name) => new(kind, name, [], []);

    private void Withhold(InputBuffers inputs, int row, int newest)
    {
        for (int s = 0; s < _signature.Signals.Count; s++) inputs.Withhold(row, s, newest);
    }

    private void Forget(InputBuffers inputs, int row, int[] columns)
    {
        foreach (int column in columns) inputs.Features[row * _signature.Features.Count + column] = float.NaN;
    }

    private void DropAll(InputBuffers inputs, int row)
    {
        for (int i = 0; i < _signature.Neighbours; i++) inputs.DropNeighbour(row, i);
    }

    private float[] Quantiles(Forecast forecast, int row)
    {
        int width = _signature.HorizonSteps.Count * _signature.Levels.Count;
        return forecast.PeakQuantile.AsSpan(row * width, width).ToArray();
    }

    private float[] Busy(Forecast forecast, int row)
    {
        (int h, int b) = (_signature.HorizonSteps.Count, _signature.BusyThresholds.Count);
        return [.. Enumerable.Range(0, h).Select(i => forecast.BusyProbability[(row * h + i) * b + b - 1])];
    }
}
