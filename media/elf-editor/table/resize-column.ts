const narrowestColumn = 40;

/** Follows the pointer that drags the right edge of a header. @param setWidth Takes px. */
export function resizeColumn(event: PointerEvent, setWidth: (width: number) => void): void {
  const handle = event.currentTarget as HTMLElement;
  const startX = event.clientX;
  const startWidth = handle.parentElement?.offsetWidth ?? 0;
  const move = (moved: PointerEvent): void => setWidth(Math.max(startWidth + moved.clientX - startX, narrowestColumn));
  handle.setPointerCapture(event.pointerId);
  handle.addEventListener('pointermove', move);
  handle.addEventListener('lostpointercapture', () => handle.removeEventListener('pointermove', move), { once: true });
  event.preventDefault();
}
