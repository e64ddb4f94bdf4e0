using Pipeline.Dispatcher.Fleet;

namespace Pipeline.Dispatcher.Simulation;

/// <summary>What the network said of a scenario's VMs at the start of each slot of the run.</summary>
/// <param name="Peaks">[slot, VM].</param>
/// <param name="LogFree">[slot, VM, horizon] log probability of not getting busy within each of <see cref="BusyHazard.HorizonsS"/>.</param>
public sealed record NetworkForecasts(PeakForecast[] Peaks, float[] LogFree);
