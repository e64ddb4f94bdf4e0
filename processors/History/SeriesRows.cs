namespace Pipeline.Processors.History;

/// <summary>Series of VMs, wherever they stand: own CPU utilisation 0..1 of one row, oldest step first, NaN missing. Asked by several threads at once.</summary>
public delegate ReadOnlySpan<float> SeriesRows(int row);
